-- I6: a command that was answered with "accepted" was handled, or lies where an operator looks.
select accepted.command_id, accepted.path
from observed.accepted
where not exists (select from escrow.inbox where inbox.id = accepted.command_id)
  and not exists (select from escrow.parked where parked.key = accepted.escrow_id)
