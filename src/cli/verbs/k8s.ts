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
      .showSuggestionAfterError()
      .addHelpText(
        'after',
        `
Nothing here talks to a cluster but --live, which asks the kubectl on PATH.

Examples:
  callgate k8s explain deploy.yaml --node containerd@1.7.27 --node cri-o@1.30+crun --call clone3
  callgate k8s impact --live -A --to RuntimeDefault
  callgate k8s nodes --nodes nodes.json
  callgate k8s harden --dry-run ./manifests
  callgate k8s distribute web.json --as daemonset | kubectl apply -f -
`,
      );
    defineExplain(command.command('explain'), io, exit);
    defineImpact(command.command('impact'), io, exit);
    defineHarden(command.command('harden'), io, exit);
    defineNodes(command.command('nodes'), io, exit);
    defineDistribute(command.command('distribute'), io, exit);
  },
};
