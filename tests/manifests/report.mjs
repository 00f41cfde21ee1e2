// One line per check, in the form that every test of the project prints.
const counts = { passed: 0, failed: 0, skipped: 0 };

export function check(sentence, problems) {
  const ok = problems.length === 0;
  console.log(`${ok ? 'ok' : 'not ok'} - ${sentence}`);
  for (const p of problems) console.log(`    ${p}`);
  counts[ok ? 'passed' : 'failed']++;
}

export function skip(sentence, reason) {
  console.log(`skip - ${sentence}: ${reason}`);
  counts.skipped++;
}

export function finish() {
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  if (counts.failed) return 1;
  return counts.passed ? 0 : 77;
}
