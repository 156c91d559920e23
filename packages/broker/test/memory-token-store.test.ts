import { memoryTokenStore } from '@sfjwt/client';
import { describeTokenStore } from './token-store-contract.ts';

describeTokenStore('memory', () => {
  const store = memoryTokenStore();
  return Promise.resolve({ here: store, there: store });
});
