// viem's multicall, in its own batches, at most as many calls at once as viem makes. Run in the folder viem is
// installed in: node ask_viem.mjs JOB_FILE ANSWER_FILE
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.cwd() + "/");
const { createPublicClient, http, parseAbi } = require("viem");
const { version } = require("viem/package.json");
const multicall3 = { address: "0xcA11bde05977b3631167028862bE2a173976CA11" };

const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
const chain = {
  id: 1,
  name: "local",
  nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
  rpcUrls: { default: { http: [job.url] } },
  contracts: { multicall3 },
};
const client = createPublicClient({ chain, transport: http(job.url, { timeout: 60_000 }) });
const native = job.token === null;
const abi = parseAbi([
  native
    ? "function getEthBalance(address) view returns (uint256)"
    : "function balanceOf(address) view returns (uint256)",
]);
const asked = {
  address: native ? multicall3.address : job.token,
  abi,
  functionName: native ? "getEthBalance" : "balanceOf",
};

const walls = [];
const cpus = [];
let balances = [];
for (let round = 0; round < job.rounds; round++) {
  const wall = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  const contracts = job.accounts.map((account) => ({ ...asked, args: [account] }));
  balances = await client.multicall({
    contracts,
    allowFailure: false,
    blockNumber: BigInt(job.height),
    batchSize: 36_000, // bytes of call data: 1,000 calls of 36 bytes
  });
  walls.push(Number(process.hrtime.bigint() - wall) / 1e9);
  const used = process.cpuUsage(cpu);
  cpus.push((used.user + used.system) / 1e6);
}
const answer = { version, block: "number", walls, cpus, balances: balances.map(String) };
writeFileSync(process.argv[3], JSON.stringify(answer));
