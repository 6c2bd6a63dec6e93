// By scheme, what checks a customer's file on this page: those of the formats that the statement names, and no others.
//
// `read(own, published, root)` is a promise of the file's record and root, be it with a `remark`, and raises Faults; `isPublished(file)` is a promise of
// whether a file is one that the exchange published for everybody, where the format needs one besides.

const READERS = {};
