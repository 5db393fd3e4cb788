// isync serve under PM2: pm2 start ecosystem.config.cjs && pm2 save && pm2 startup
//
// The schedule is not here: it belongs to cron (isync crontab) or to systemd's timers (isync crontab --systemd). PM2's cron_restart starts a
// process that ends, and stops one that does not: a long pull would be cut off by its own next start, a job that ends would count as
// crashed and be started again at once, and where PM2 is down there would be nobody to read what no webhook told.
//
// One instance, in fork mode: cluster mode shares the port among processes of PM2's own Node, and isync brings its own. For more than one,
// start each on its own port, on one PostgreSQL, behind the proxy.
const program = '/opt/isync/bin/isync'
const config = '/etc/isync/isync.config.yaml'

module.exports = {
  apps: [
    {
      name: 'isync-serve',
      script: program,
      args: ['serve', '--config', config],
      // The program is a launcher in sh that becomes Node.
      interpreter: 'none',
      exec_mode: 'fork',
      instances: 1,
      autorestart: true,
      // 0.1 s after the first crash, then longer, up to 15 s; back to the start after 30 s of life.
      exp_backoff_restart_delay: 100,
      // What was accepted is finished or handed on within ten seconds of the signal; only after this it is killed.
      kill_timeout: 15_000,
      max_memory_restart: '1G',
      watch: false,
      // JSON lines on stderr, with their own time. Rotate with pm2-logrotate.
      time: false,
      merge_logs: true,
      out_file: '/var/log/isync/serve.out.log',
      error_file: '/var/log/isync/serve.log',
    },
  ],
}
