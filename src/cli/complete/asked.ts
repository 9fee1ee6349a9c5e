/** Whether a command line is a shell's question: the words of spf13/cobra's protocol. */
export const asksForCompletion = (word: string | undefined): boolean =>
  word === '__complete' || word === '__completeNoDesc';
