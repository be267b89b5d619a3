// Loaded into each child of the demo (`--import`): ends it when the demo is gone, however that came about.

process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
process.channel?.unref()
