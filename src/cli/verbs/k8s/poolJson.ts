import type { Pool } from '../../../kubernetes/pool.js';
import { contextJson } from '../../output/json.js';

export function poolJson({
  name,
  nodes,
  windows,
  kubernetes,
  context,
  unknown,
  unsupported,
  notes,
}: Pool): object {
  return {
    name,
    nodes: nodes.map((node) => node.name),
    windows,
    kubernetes: kubernetes ?? null,
    ...(context === undefined ? {} : { context: contextJson(context) }),
    ...(unsupported === undefined ? {} : { unsupported }),
    unknown,
    notes,
  };
}
