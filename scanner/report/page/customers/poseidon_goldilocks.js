// Poseidon over Goldilocks, as plonky2 hashes. What is hashed is not known here. Source: proofs/liabilities/poseidon_goldilocks.py,
// with plonky2's constants.

const GOLDILOCKS = 2n ** 64n - 2n ** 32n + 1n;
const POSEIDON_ROW = [17n, 15n, 41n, 16n, 2n, 28n, 13n, 13n, 39n, 18n, 34n, 20n];

/** Plonky2's 360 round constants, 8 bytes each. They were drawn once, and follow from nothing shorter. */
const POSEIDON_CONSTANTS = (
  "tYX3ZvIURAV3RqVfQ5Ia17L7DTHO55m0D2dgpIA0J9fhDWZmUPTgEoyuFMsH0Jvx1DhTnJX2Pp/veBx841tMPc3EojmwxEQmJ3+iCL8ze//hdlOi"
  + "naV4ocVDAvIl2yx2hih4IfciyIFZzRqKQcGOVcO5Ga1JXcV0pITExe9qB4Ewi70j3FQWzG5KQMGPMMCcmi7ttw2PjPrjYMbgrkhvONXHcY+/xkf7"
  + "w16uBxkD/wuEnCZWlpxL58BXLIwIy7ut6fpjSiHeAIL1b21IlZpgDffXE+gGORFlgpcTKzKCXa+taAXg4wssiqxR2fX8+FNeUCrX3BjCrYdXoVUM"
  + "EQswQWa70w5s4OWDDaKr71idZE7wYSdP2xUNYSi47DrpwpYzkqdW5n4rlBNw50Hr/ullhgGdXuKvguwcb28u13JGY1J89BbP5+FMoWHfUXuGpGQ5"
  + "hdxJmxHXe3VLlZtIucEHM+i+Pl2oBD5X9cC8HebahplAsSy/Ce90v6Y3CT7LKtYxPMP4khhN9AguR53BV78xu29J3gemI0NGITznvt43jXtbBDE0"
  + "XU3qg6LeRXgDRNahcQOq+Up78whTJvwNlyeTAanOt0/sAkdHJ/jsiLshsaP860/aHe0Ik/rG/xNGpBZ1cTGqRSaNfYyTUQNglWMPn61TWySvwmv7"
  + "Rif1xpk+RL5kXPeUuPHMWCQccO0K9hYXrLjgdmR5BfE3N+nbTE9HTefqXjPnX/+2kN7kn8m/wjrRse33a8CckgtlSBumRcYCma0aqwgUKDtDinyR"
  + "1BbKTbYN47zF6nUcyZyrau9vWLxppe2Spy7k/157Mpwe1K1xX8CsCAAUSIUy24KSOXdOygreaZxYMPMQfMVYOxBBXyGF357S4WbWT2YE30/uMryx"
  + "64T2CNpW70jaYIg0xA5gPY+X/kCAYfGDqT9IXJbze4lnBOjujxjVY87j6aweByEZUQ0OZeK0cMH2Mj9Ia5A48AtQjN7/pc7v8kFwieT7PL1g51wo"
  + "kNFXMKYhfYv2YPKccVnNMMOsEY6Dm06Pr+rVQA0/Pl6Ckgrcj32Dvd7nu6h4DyJD6gcdBuuRWEXz3hY00Z4SDSa284YBbuU6fl/sxstf1U55M+R3"
  + "rLhBeHn9RJ+cIhkL5/dHMl1pPBujujYh3O8Hl8K2nsc9Y5Jj2oJ7E+Jz/ZcbyNDnQY8CcC0iftWMJf2jtQMDjCy67U2uyMB8X1jmr83W3cIoRlCs"
  + "XhsOumNbM37oGdq1n5oDbtTy1J+5PiYMrlwXDrCn6uh53bdt0HYsvIymVww0xu+4ErBL9UC/CrX6FMEStrVw/HxXQNNaJ7kALeM0VLGlsWW20rLS"
  + "hyLgrOnRviJ4juOzflaA+xSnJmYVUeKEmLdnL57ztBm7k653a7MOOij9OwRjgPhQMKRoBZMlg4czfcAMYb2c4dXsokTHpP8dd2JjgmTSeb3B5DS+"
  + "3u/XZwKZNRpTuOwistRW5K0lG4A+ntH9pJzqCylyqSukUL7YICFt13vkk96t/+jPKESexhxNuxxMJ9JDFaFqioMi1Fg4ihKLf9mmCSMA5da67fD7"
  + "L2OqhkfhUQTxw2zobs7CaScYESUYOXDJ5YQCk3DcqW1Nm7w+AvHPsuo1vClpKvb4GOIbS+q7QTceO5/GJbVU9CXWQ2JpeCj9Wj8bscU6lkXbfwI4"
  + "afuNOLRiBlkR1OH8ScJK5EN9gDDXk4YsESsFZqrdEQZzDY/rxDtuDpew1WjikCTBjub8ol5QwnU1uIxmEDg/IKT/moc46O6dcaRa+N1RGDdb8am5"
  + "d1AFmC101/eGq5m03ebIsLEgT2A/UcCA72GshHAlDs8bvNkPEyxgPwzR2r2WTbVXEaOuW+udHsn3Vb/upYXRHaO4MlAmjqTXUWMG9JJ8k6/dtKxJ"
  + "ye+h2mS7bew2nUQY+cyVwitMH8wI0391X0rp9u7Em2E0eGdb8UOTOu0l4LDkxd2CVd/GIuetd1bxkxmOksIxi4f/+ctznCX4/XNZbVY2ysnxbf7Q"
  + "3Y+QmpOOAXLGQB/hFQY/W4rZezPxrBRVDEk2a7JehRMHhNPS8WmDCVMPtn6hgJqBQQSSKZuwH0kTlUI0dCS5rJywvV6hoRFeAuP2FcOPSaGYXU9K"
  + "nFKR73dbn+r9zSbnMEJlpjhPDy1ZNmTDl3MBLE8KLl+wKPLO3WEfEADBdELYGF+a3+pP0O+HE5ypo6seO6cTNsNO4TN9OkVdVrcCOGYNMuEwGCaE"
  + "KXqGP0jNH0OQ4Kc2p1Hrt1SfgM5VDE/TD3Oyki84vWQWvx9z+3qcP20fWlkAW+wXAv+Hb6Xvl8TFy3KipRFZsIRw850tXJAOJauz8dOfy3Yj64zJ"
  + "s3JEL9aHulXGT2Nk2o2ekP2P8Vjjy9x9L+Rep7moybOu5SKXwNKKXBCWC9NF16ybaPcaNO63bjlwaegEPQbIvRUU4tmcnJggfLEHZ2VwC1Gu37Xv"
  + "kR9FFTmGlAh65oSfvDoOxjuzQOugav5+tG6di2gupl6NzyL5o7NDVne9rtpYYlen8Z5AClEE0g3DaKNI5G2VD57xzWDmefKE6JzYVNXQHTNc03fc"
  + "i7iCoqew+3iD7uhgdoRAPsOSlQ1fo/BvT+07Uo31esEbwEgxLbAe+h4eGJdUhG3kqtucorpnRThYk8eEVB1JY0TSx1vpCWeEdOaH/t/omSP2ycL/"
  + "7OWnHgz+3HVf+Y/V1R/mEIPolBkYlkYVWSIEC0fxUMH5fXUOPdlFIVCA1MK4b1bXp94RW1bHjXBqkkKsh1OBlPeFbvf5Fz5EImX8kv6w3AkX38jk"
  + "97qKV5ABpkIJ8h24kABME3G4k8W5MrfPdS5VRaCx34G2/ln8jvHdJncK8sIFQaT5z77tNZ5hEGF4v8Uws3Z+gJNdivIAmNV4IGWvBjHRkc1cFGbH"
  + "QQ/vr6MZrJ29+PJC4xbEq56M1VtXY37Q3hIr6+mjk2hNAB/VjwAlJspmNwAOtKn4LyM51iT5H3htGnkYyA31GN+aSTk0Iwjp68IVHubIOYwDzCuo"
  + "oRFlFdNB0DfoQM+DOHy10lr0r8y7olFfIpCeh3JI/ncF845HTWHlalJdIlomLpY8jaBdPVnomwlNIg7CBV1bUreLnF6Csn6zNRTvmdMAlMqWt857"
  + "z1yzgc0KFTX+7U22kZ5afEFwP1N1O+WfXu6pQPzei29M0fGxdRACBkogNYV0RU7AFHjTYdu/n6xvAtwH0UGHXClqIC7Y5VaiKv1nmZvzLuV6z9lu"
  + "+pVJHWeYugwKuyxtNMb1eybJISJXNuG60ga13iAFfSoAVlIbPepb1dBXi9cW5Q2JfUY0rCm/8+y5t6bjR1zTIFo73N4YpCEFwxt+iAI+dBSvZjBo"
  + "FRRxCBIZZ9fko9/x19b++QGo0aWICFc3EbTHTtpivu/lh8wNaaczRh/3MnAXqipuWU4pxCRz0Gv28x2xiZsS1cAqxeRzEtPK5wIB6WDLeLhvkP87"
  + "amXxCEJ0enJF5/qE0fUH5Dq3SbIchtJl8VdQzTmWznPdgywcjn+6ApgyJL26DexxAyVd1J6cvXgWKPxb2uhkWZbt1qXevghTsaHTeKSSKdJNAUND"
  + "e+W5/9qQXhyjyV6uwkSqMAIwvKj03wVEQTXCvr/hSMYWb8DMQ4o8cjditZqK6D766JKKTIkRR1AqRAtRpJRe5YDO/St9mf+Du5h5xuYf1ipufI8a"
  + "hCZQNBZLst4bvt3I88Ev5U1cZTtAueki7Zdx4lUfWw++exhAJQMqp8TLGBGq7TQHSxZDRo/9lrv5ycgdcPyR61k3CFx/eV4qX5FUQEVD2d9UdtPL"
  + "8XLXPgBPyQ3f0cT+vMgSOLyN+2J/5Vj8"
);

function poseidonConstants() {
  const hex = hexOfBytes(bytesOfBase64(POSEIDON_CONSTANTS, "a constant"));
  return Array.from({ length: 360 }, (_each, at) => BigInt(`0x${hex.slice(16 * at, 16 * at + 16)}`));
}

/** The four elements that elements hash to: a sponge of twelve, eight of which are written over; 4 + 22 + 4 rounds. */
function poseidon(elements) {
  const constants = poseidonConstants();
  const seventh = (value) => {
    const square = (value * value) % GOLDILOCKS;
    return (((square * square) % GOLDILOCKS) * ((square * value) % GOLDILOCKS)) % GOLDILOCKS;
  };
  let state = Array(12).fill(0n);
  for (let start = 0; start < elements.length; start += 8) {
    state.splice(0, Math.min(8, elements.length - start), ...elements.slice(start, start + 8));
    for (let round = 0; round < 30; round += 1) {
      const raised = state.map((value, at) => {
        const sum = (value + constants[12 * round + at]) % GOLDILOCKS;
        return at === 0 || round < 4 || round >= 26 ? seventh(sum) : sum;
      });
      state = raised.map((_each, row) =>
        POSEIDON_ROW.reduce((sum, factor, at) => sum + factor * raised[(row + at) % 12], row ? 0n : 8n * raised[0]) % GOLDILOCKS);
    }
  }
  return state.slice(0, 4);
}
