export type { Offer } from './callback-server.ts';
export { findHub, isLocal } from './find-hub.ts';
export { type HubConnection, joinHub } from './join-hub.ts';
export { type ReceivedMessage, type SampMessage, type SampPeer, wants } from './model.ts';
