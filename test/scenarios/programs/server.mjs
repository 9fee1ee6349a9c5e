// An HTTP server: what it serves it reads from files, hashes and compresses. Ends at GET /quit.
// node server.mjs DIRECTORY PORT_FILE
import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const [directory, portFile] = process.argv.slice(2);
const server = createServer(async (request, response) => {
  if (request.url === '/quit') {
    response.end('bye\n');
    server.close();
    server.closeAllConnections();
    return;
  }
  try {
    const body = await readFile(join(directory, request.url.slice(1)));
    response.setHeader('etag', createHash('sha256').update(body).digest('hex'));
    response.setHeader('content-encoding', 'gzip');
    response.end(gzipSync(body));
  } catch (error) {
    response.statusCode = 404;
    response.end(`${error.message}\n`);
  }
});
server.listen(0, '127.0.0.1', async () => {
  await writeFile(`${portFile}.part`, String(server.address().port));
  await rename(`${portFile}.part`, portFile);
});
