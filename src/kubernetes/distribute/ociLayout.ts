import { kubernetesFacts } from '../facts.js';
import { sha256 } from './sha256.js';

/**
 * An OCI image layout with one profile as the artifact that CRI-O takes: path → content. Any tool that copies images
 * (skopeo, oras, crane) pushes it.
 *
 * @param tag the name it has in the layout
 */
export async function ociLayout(profile: string, tag: string): Promise<ReadonlyMap<string, string>> {
  const { configMediaType, layerMediaType } = kubernetesFacts.artifact;
  const config = '{}';
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: await descriptor(configMediaType, config),
    layers: [
      {
        ...(await descriptor(layerMediaType, profile)),
        annotations: { 'org.opencontainers.image.title': 'seccomp.json' },
      },
    ],
  });
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        ...(await descriptor(MANIFEST, manifest)),
        annotations: { 'org.opencontainers.image.ref.name': tag },
      },
    ],
  });
  const blobs = await Promise.all(
    [config, profile, manifest].map(async (blob) => [`blobs/sha256/${await sha256(blob)}`, blob] as const),
  );
  return new Map([
    ...blobs,
    ['oci-layout', JSON.stringify({ imageLayoutVersion: '1.0.0' })],
    // Written last: a layout without an index is none yet.
    ['index.json', index],
  ]);
}

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

async function descriptor(mediaType: string, content: string): Promise<Descriptor> {
  return {
    mediaType,
    digest: `sha256:${await sha256(content)}`,
    size: new TextEncoder().encode(content).length,
  };
}
