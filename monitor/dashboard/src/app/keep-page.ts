/** Without TLS, or in a window that keeps nothing, browsers refuse: the page then needs the hub to open, as ever. */
export function keepPage(): void {
  navigator.serviceWorker?.register('/service-worker.js').catch(() => {});
}
