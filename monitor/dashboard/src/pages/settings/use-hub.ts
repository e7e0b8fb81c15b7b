import { useEffect, useState } from 'preact/hooks';
import { ask } from '../../data/api.ts';
import { refusalText } from './refusal-text.ts';

/** What the hub answers, and again after each change. */
export function useHub<T>(path: string) {
  const [held, setHeld] = useState<T | undefined>(undefined);
  const [problem, setProblem] = useState('');
  const load = async () => {
    try {
      setHeld(await ask<T>(path));
      setProblem('');
    } catch (error) {
      setProblem(refusalText(error));
    }
  };
  useEffect(() => void load(), [path]);
  /** Does something, then asks anew; answers whether it was done. */
  const act = async (work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work();
    } catch (error) {
      setProblem(refusalText(error));
      return false;
    }
    await load();
    return true;
  };
  return { held, problem, load, act };
}
