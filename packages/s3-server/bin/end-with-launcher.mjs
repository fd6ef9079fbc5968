// Loaded into the child of the launcher: a server whose launcher was killed would go on unseen, with its port and its
// directory held.
process.channel?.unref()
process.once('disconnect', () => {
  process.kill(process.pid, 'SIGTERM')
})
