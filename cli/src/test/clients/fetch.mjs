// GET URL by fetch; exit code 0: status 200.
const response = await fetch(process.argv[2]);
if (response.status !== 200) {
  throw new Error(`status ${response.status}`);
}
