// One server of the benchmark of the broker, in a process of its own:
//   process.mjs PROGRAM SETTINGS
// It prints where it is, and tells its parent what it has used.
const [program = '', settings = '{}'] = process.argv.slice(2);

/** @type {{ open: (settings: unknown) => Promise<string> }} */
const { open } = await import(`./${program}.mjs`);
const address = await open(JSON.parse(settings));
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({
    cpu: (user + system) / 1000,
    memory: process.memoryUsage.rss(),
    peak: process.resourceUsage().maxRSS * 1024,
  });
});
process.on('disconnect', () => process.exit());
console.log(JSON.stringify({ address }));
