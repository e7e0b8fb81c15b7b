/**
 * An `import` of `node:http` reads every export of it, also `WebSocket`, whose getter loads Node's own web client and HTTP/2 with it:
 * 11 MB in a process that has nothing else, 3 MB in a gateway, and never used. Taken like this, only what is used is loaded.
 */
export const http = process.getBuiltinModule('node:http');
