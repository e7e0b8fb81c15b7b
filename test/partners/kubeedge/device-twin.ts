/** What EdgeCore's DeviceTwin makes of twins and states, whichever way they come. */

const VALUE = /^[a-zA-Z0-9\-_.,:/@#]{1,512}$/;
const KEY = /^[a-zA-Z0-9\-_.,:/@#]{1,128}$/;
const STATES = ['online', 'offline', 'ok', 'unknown', 'unhealthy'];

type Twins = Readonly<Record<string, { readonly reported: string; readonly desired: string }>>;

export interface StoredTwin {
  readonly value: string;
  readonly desired: string;
  /** Arrival; what a mapper says of the time of a sample is dropped. */
  readonly at: number;
}

export interface TwinResult {
  readonly id: string;
  readonly code: number;
  readonly reason: string;
}

export class DeviceTwin {
  /** Devices that the membership message told of. Reports of others are dropped with 404. */
  readonly members = new Set<string>();
  readonly states = new Map<string, string>();
  readonly twins = new Map<string, StoredTwin>();
  readonly results: TwinResult[] = [];
  /** What the cloud shows of twins and states. */
  readonly cloud = new Map<string, string>();
  /** While it is away EdgeCore discards what should go up, and sends nothing of it later. */
  isLinkUp = true;
  /** Twins taken, as often as they came. */
  taken = 0;
  onResult: (result: TwinResult) => void = () => {};
  onMember: (id: string) => void = () => {};
  onState: (id: string, state: string) => void = () => {};
  /** By device, what the cloud wants of its properties. */
  readonly expected = new Map<string, Readonly<Record<string, string>>>();
  onTwin: (key: string, twin: StoredTwin) => void = () => {};

  /** The membership message has come. */
  join(id: string): void {
    this.members.add(id);
    this.onMember(id);
  }

  update(id: string, twins: Twins): void {
    const refusal = this.#refusal(id, twins);
    if (refusal) this.#tell({ id, ...refusal });
    else this.#take(id, twins);
  }

  #refusal(id: string, twins: Twins): Omit<TwinResult, 'id'> | undefined {
    if (!this.members.has(id)) return { code: 404, reason: 'the device is not found' };
    const isFit = (text: string) => text === '' || VALUE.test(text);
    const isBad = Object.entries(twins).some(
      ([key, { reported, desired }]) => !KEY.test(key) || !isFit(reported) || !isFit(desired),
    );
    return isBad ? { code: 400, reason: 'the value format is not correct' } : undefined;
  }

  #take(id: string, twins: Twins): void {
    for (const [property, { reported, desired }] of Object.entries(twins)) {
      const stored = { value: reported, desired, at: performance.now() };
      this.twins.set(`${id}/${property}`, stored);
      this.#upload(`${id}/${property}`, reported);
      this.taken += 1;
      this.onTwin(`${id}/${property}`, stored);
    }
    this.#tell({ id, code: 0, reason: '' });
  }

  /** An unknown word is dropped without a word. */
  state(id: string, state: string): void {
    if (!this.members.has(id) || !STATES.includes(state.toLowerCase())) return;
    this.states.set(id, state);
    if (this.isLinkUp) this.cloud.set(id, state);
    this.onState(id, state);
  }

  /** What `twin/get` is answered. */
  get(id: string): object {
    if (!this.members.has(id)) return { code: 404, reason: 'the device is not found' };
    const stored = [...this.twins].filter(([key]) => key.startsWith(`${id}/`));
    const twin: Record<string, object> = {};
    for (const [key, { value }] of stored) twin[key.slice(id.length + 1)] = { actual: { value } };
    for (const [property, value] of Object.entries(this.expected.get(id) ?? {}))
      twin[property] = { ...twin[property], expected: { value } };
    return { twin };
  }

  /** Of expected values, those that differ from what a device holds. */
  delta(id: string): Readonly<Record<string, string>> {
    const wanted = Object.entries(this.expected.get(id) ?? {});
    return Object.fromEntries(wanted.filter(([key, value]) => this.twins.get(`${id}/${key}`)?.value !== value));
  }

  /** The first report of a property makes a blank twin in the cloud. */
  #upload(key: string, value: string): void {
    if (this.isLinkUp) this.cloud.set(key, this.cloud.has(key) ? value : '');
  }

  #tell(result: TwinResult): void {
    if (result.code !== 0) this.results.push(result);
    this.onResult(result);
  }
}
