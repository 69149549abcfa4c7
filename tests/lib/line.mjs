// A line between a server and PostgreSQL that breaks when it is told to, or lets
// what is said arrive changed.
import net from 'node:net';

export class Line {
  /** `heard` is what becomes of what PostgreSQL says. */
  constructor(port, { heard = (data) => data } = {}) {
    this.broken = 0;
    this.server = net.createServer((near) => {
      const far = net.connect(port, '127.0.0.1');
      const ends = [near, far];
      const breakUp = () => ends.forEach((e) => e.destroy());
      let said = false;
      let deaf = false;
      ends.forEach((e) => { e.setNoDelay(true); e.on('error', breakUp); e.on('close', breakUp); });
      near.on('data', (data) => {
        said ||= this.word && data.includes(this.word);
        if (!said || !this.word || !data.includes('COMMIT')) return far.write(data);
        this.word = null;
        this.broken++;
        if (!this.commits) return breakUp();
        deaf = true; // what PostgreSQL answers goes nowhere
        return far.write(data);
      });
      far.on('data', (data) => (deaf ? breakUp() : near.write(heard(data))));
    });
  }

  listen() { return new Promise((resolve) => { this.server.listen(0, '127.0.0.1', () => resolve(this.server.address().port)); }); }

  /** Breaks once at the COMMIT of who sends this word: before it, or (`commits`) behind it, without its answer. */
  arm(word, commits) { Object.assign(this, { word, commits }); }

  close() { this.server.close(); }
}
