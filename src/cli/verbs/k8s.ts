import type { Verb } from '../verb.js';
import { defineDistribute } from './k8s/distribute.js';
import { defineExplain } from './k8s/explain.js';
import { defineHarden } from './k8s/harden.js';
import { defineImpact } from './k8s/impact.js';
import { defineNodes } from './k8s/nodes.js';

export const k8sVerb: Verb = {
  name: 'k8s',
  define: (command, io, exit) => {
    command
      .description(
        'Kubernetes: what containers get on which node, what a change would cost, and how to make it.',
      )
      .showSuggestionAfterError();
    defineExplain(command.command('explain'), io, exit);
    defineImpact(command.command('impact'), io, exit);
    defineHarden(command.command('harden'), io, exit);
    defineNodes(command.command('nodes'), io, exit);
    defineDistribute(command.command('distribute'), io, exit);
  },
};
