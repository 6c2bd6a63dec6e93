-- What is held, by asset, exactly: for DuckDB 1.4 or newer, in the folder of an attestation.
--
--     duckdb -c ".read examples/evidence.sql"
--
-- all_varchar keeps DuckDB from guessing types: a guess would make doubles of atoms, and doubles lose money. BIGNUM has
-- as many digits as it takes. An empty cell of atoms is a balance that could not be established, not a zero; where bound
-- is AT_LEAST there may be more than the atoms say.
create or replace view evidence as
    select * from read_csv('evidence.csv.gz', header = true, all_varchar = true, quote = '"', escape = '"');

create or replace view held as
    select
        asset,
        count(*) as holdings,
        count(*) filter (atoms is null) as gaps,
        count(*) filter (bound = 'AT_LEAST') as bounds,
        coalesce(sum(atoms::bignum), 0::bignum)::varchar as atoms,
        coalesce(sum(atoms::bignum) filter (basis = 'PROVEN'), 0::bignum)::varchar as proven
    from evidence
    group by asset
    order by asset;

select * from held;
