/** Upper edges of the classes that calls are sorted into by the instructions that they execute. */
export const COST_EDGES: readonly number[] = [4, 8, 12, 16, 24, 32, 64, 128, 256];
