-- Mails on their way to the SMTP server, or, where there is none, in the outbox that administrators read.
create table mails (
  id text collate "C" primary key,
  -- Null: nobody. Such a mail costs what a mail costs, so that the time of an answer does not tell whether one was sent.
  recipient text,
  -- Subject and text, sealed with the server's secret: mails hold codes and links.
  sealed bytea not null,
  created_at timestamptz not null default now(),
  -- Of what is in it; then the mail is deleted.
  expires_at timestamptz not null
);
create index mails_expires_at on mails (expires_at);
create index mails_outbox on mails (id) where recipient is not null;

-- How mails fare: what waits, what failed, what was last.
create index jobs_mail on jobs (state, updated_at) where kind = 'mail.send';
