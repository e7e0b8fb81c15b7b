import { t } from '../../data/i18n.ts';
import { FACES, type FaceKind } from './faces.ts';

/** The class in words; a class that a newer gateway tells of stands as it is. */
export function classText(kind: FaceKind, given: string): string {
  if (kind !== 'generic') return t(`class.${kind}`);
  return given === 'other' || FACES.some((face) => face === given) ? t('class.other') : given;
}
