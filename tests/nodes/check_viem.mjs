// Reads what `scanner scan --eth-key` wrote as any program on an EVM chain would: with viem alone.
//   node check_viem.mjs FOLDER_OF_VIEM attestation.eip712.json ADDRESS   ->   {"hash": ..., "recovered": ..., "valid": ...}
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [folder, path, address] = process.argv.slice(2)
const viem = await import(pathToFileURL(createRequire(folder + '/').resolve('viem')))
const { typedData, signatures } = JSON.parse(readFileSync(path, 'utf8'))
const { signature } = signatures.find((each) => each.address === address)
const hash = viem.hashTypedData(typedData)
const recovered = await viem.recoverTypedDataAddress({ ...typedData, signature })
const valid = await viem.verifyTypedData({ ...typedData, address, signature })
// What a contract takes: the function's call with the message as a struct.
const [stated] = viem.parseAbiParameters(
  ['ReserveAttestation stated', ...['ReserveAttestation', 'UnitReserve'].map((name) =>
    `struct ${name} { ${typedData.types[name].map((field) => `${field.type} ${field.name}; `).join('')}}`)])
const abi = [{ type: 'function', name: 'signer', stateMutability: 'pure', inputs: [stated, { type: 'bytes' }],
  outputs: [{ type: 'address' }] }]
const call = viem.encodeFunctionData({ abi, functionName: 'signer', args: [typedData.message, signature] })
console.log(JSON.stringify({ hash, recovered: recovered.toLowerCase(), valid, call }))
