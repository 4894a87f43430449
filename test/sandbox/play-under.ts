/*
 * Plays a script in a process of its own, as the sandbox process does: started under whatever zone and locale, it sets
 * UTC itself. `node play-under.ts <script>` prints the lines that the script logged, as JSON.
 */
process.env['TZ'] = 'UTC';
const { lines, patient, playWhole } = await import('./world.ts');

const { result } = playWhole(process.argv[2]!, [], { ...patient, logLines: 100_000 });
process.stdout.write(JSON.stringify(lines(result)));
