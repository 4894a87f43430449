import type { Stage } from './scene.ts';
import { restoreScenario, scenes } from './scenes.ts';

export interface Verdict {
  passed: boolean;
  /** Scenes that were played, the last of them the one that failed, if any. */
  scenes: { name: string; passed: boolean /** What was seen, or the first difference. */; detail: string }[];
}

/**
 * Plays the mission's scenario as people would, by HTTP with cookies, redirects and forms, and stops at the first
 * difference. Says a line for each hop and a verdict for each scene, and leaves connection and flow as it found them.
 */
export async function playOnce(stage: Omit<Stage, 'apps'>): Promise<Verdict> {
  const whole: Stage = { ...stage, apps: new Map() };
  const verdict: Verdict = { passed: true, scenes: [] };
  for (const [index, scene] of scenes.entries()) {
    stage.say(`\n${index + 1}. ${scene.name}`);
    const { passed, detail } = await tryScene(() => scene.play(whole));
    verdict.scenes.push({ name: scene.name, passed, detail });
    verdict.passed = passed;
    stage.say(`  ${passed ? 'passed' : 'FAILED'}: ${detail}`);
    if (!passed) break;
  }
  const restored = await tryScene(() => restoreScenario(whole));
  if (verdict.passed && !restored.passed) {
    verdict.passed = false;
    verdict.scenes.push({ name: 'Putting back what was changed', ...restored });
  }
  return verdict;
}

async function tryScene(play: () => Promise<string>): Promise<{ passed: boolean; detail: string }> {
  try {
    return { passed: true, detail: await play() };
  } catch (error) {
    return { passed: false, detail: error instanceof Error ? error.message : String(error) };
  }
}
