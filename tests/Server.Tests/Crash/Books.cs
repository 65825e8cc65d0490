using Npgsql;

namespace Talent.Workflows.Server.Tests.Crash;

/// <summary>Compares what callers were told with what is in the database: nothing missing, nothing twice.</summary>
internal sealed class Books(NpgsqlDataSource database, Ledger ledger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly List<string> wrong = [];

    /// <summary>Returns when all timers have fired and all messages have gone out.</summary>
    public async Task SettleAsync()
    {
        var open = new Dictionary<string, string>
        {
            ["instances that still wait for their timer"] = $"select count(*) from engine.instances where definition_id = '{RunLoad.DefinitionId}' and finished_at is null",
            ["messages to deliver"] = "select count(*) from engine.outbox",
            ["messages to repeat"] = "select count(*) from engine.outbox_failed where not dead",
        };
        var started = TimeProvider.System.GetTimestamp();
        foreach (var (what, sql) in open)
            for (long left; (left = await CountAsync(sql)) > 0; await Task.Delay(50))
                Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"{left} {what}.");
    }

    /// <summary>Everything that is acknowledged or was made, against everything that is there.</summary>
    public async Task CompareAsync()
    {
        await InstancesAsync();
        await DecisionsAsync();
        await MessagesAsync();
        await RunsAsync();
        foreach (var (what, sql) in ((string What, string Sql)[])[
            ("steps without exactly one audit row", "select count(*) from engine.instances i where i.version <> (select count(*) from approvals.audit a where a.case_id = i.id) or i.version <> (select max(seq) from approvals.audit a where a.case_id = i.id)"),
            ("steps without exactly one journal row", "select count(*) from engine.instances i where i.version <> (select count(*) from engine.journal j where j.instance_id = i.id) or i.version <> (select max(seq) from engine.journal j where j.instance_id = i.id)"),
            ("incidents", "select count(*) from engine.instances where incidents > 0"),
            ("timers set aside", "select count(*) from engine.timers where set_aside"),
            ("timers of finished instances", "select count(*) from engine.timers t join engine.instances i on i.id = t.instance_id where i.finished_at is not null"),
            ("dead letters", "select count(*) from engine.outbox_failed"),
            ("rejected cases without exactly one letter of dismissal", "select count(*) from approvals.cases c where c.status = 'rejected' and (select count(*) from approvals.letters l where l.case_id = c.id and l.kind = 'dismissal') <> 1"),
            ("letters of dismissal of cases that go on", "select count(*) from approvals.letters l join approvals.cases c on c.id = l.case_id where l.kind = 'dismissal' and c.status <> 'rejected'"),
            ("cases of the second phase without exactly one letter of their qualification", "select count(*) from approvals.cases c where c.phase = 2 and (select count(*) from approvals.letters l where l.case_id = c.id and l.kind = 'qualification') <> 1"),
            ("gaps in the numbers of letters", "select (select coalesce(sum(last), 0) from approvals.letter_serials) - (select count(distinct (issuer_id, number)) from approvals.letters)"),
            ("numbers given twice", "select count(*) - count(distinct number) from approvals.cases where number is not null"),
            ("tasks opened twice", "select count(*) from (select case_id, stage from approvals.tasks group by 1, 2 having count(*) > 1) t")])
            if (await CountAsync(sql) is var count and not 0)
                wrong.Add($"{count} {what}");
        Assert.True(wrong.Count == 0, $"{ledger}\n{string.Join('\n', wrong.Take(30))}");
    }

    private async Task InstancesAsync()
    {
        var found = await RowsAsync("""
            select c.id, i.version, c.number, (select count(*) from approvals.tasks t where t.case_id = c.id and t.status < 2), (select count(*) from approvals.tasks t where t.case_id = c.id),
                i.finished_at is not null, (select min(t.id::text) from approvals.tasks t where t.case_id = c.id and t.status < 2)
            from approvals.cases c join engine.instances i on i.id = c.id
            """, r => (Id: r.GetGuid(0), Version: r.GetInt64(1), Number: r.IsDBNull(2) ? null : r.GetString(2), Open: r.GetInt64(3), Tasks: r.GetInt64(4), Ended: r.GetBoolean(5), Task: r.IsDBNull(6) ? null : r.GetString(6)));
        var cases = found.ToDictionary(row => row.Id);
        foreach (var book in ledger.Cases)
        {
            if (!cases.Remove(book.Id, out var row))
            {
                wrong.Add($"case {book.Id} is gone");
                continue;
            }
            Same($"steps of case {book.Id}", book.Steps, row.Version);
            Same($"number of case {book.Id}", book.Number, row.Number);
            Same($"end of case {book.Id}", book.NextTask is null, row.Ended);
            Same($"open tasks of case {book.Id}", book.NextTask is null ? 0 : 1, row.Open);
            Same($"open task of case {book.Id}", book.NextTask?.ToString(), row.Task);
            Same($"tasks of case {book.Id}", book.Decisions.Count + book.Supplements + (int)row.Open, row.Tasks);
        }
        wrong.AddRange(cases.Keys.Select(id => $"case {id} was never acknowledged"));
        var finished = ledger.Cases.Count(book => book.NextTask is null);
        Same("instances of cases and runs", ledger.Cases.Count + ledger.Runs.Count, await CountAsync("select count(*) from engine.instances"));
        Same("finished cases", finished, await CountAsync("select count(*) from approvals.cases where status = 'rejected'"));
    }

    private async Task DecisionsAsync()
    {
        var tasks = (await RowsAsync("""
            select t.id, t.outcome, t.decided_by, t.decided_at, (select count(*) from approvals.audit a where a.case_id = t.case_id and a.stage = t.stage and a.action = 'task.decided'),
                (select max(a.seq) from approvals.audit a where a.case_id = t.case_id and a.stage = t.stage and a.action = 'task.decided' and a.user_id = t.decided_by and a.at = t.decided_at)
            from approvals.tasks t where t.status = 2 and t.kind = 'review'
            """, r => (Id: r.GetGuid(0), Outcome: r.GetString(1), By: r.GetString(2), At: r.GetFieldValue<DateTimeOffset>(3), Audited: r.GetInt64(4), Seq: r.IsDBNull(5) ? 0 : r.GetInt64(5)))).ToDictionary(row => row.Id);
        foreach (var decision in ledger.Cases.SelectMany(book => book.Decisions))
        {
            if (!tasks.Remove(decision.TaskId, out var row))
            {
                wrong.Add($"decision {decision} is gone");
                continue;
            }
            Same($"outcome of {decision}", decision.Outcome, row.Outcome);
            Same($"decider of {decision}", decision.DecidedBy, row.By);
            Same($"audit rows of {decision}", 1, row.Audited);
            Same($"audit row of {decision}", decision.Version, row.Seq);
            if ((decision.DecidedAt - row.At).Duration() > TimeSpan.FromMicroseconds(1))
                wrong.Add($"{decision} is kept as of {row.At:O}");
        }
        wrong.AddRange(tasks.Keys.Select(id => $"the decision on task {id} was never acknowledged"));
    }

    /// <summary>Each thing that had to be told was told to somebody under one id, and each message with that id went out.</summary>
    private async Task MessagesAsync()
    {
        foreach (var (name, expected) in (KeyValuePair<string, string>[])[
            new("case.submitted", "select id from approvals.cases where number is not null"),
            new("case.rejected", "select id from approvals.cases where status = 'rejected'"),
            new("stage.opened", "select case_id as id from approvals.tasks where kind = 'review'")])
            if (await CountAsync($"""
                select count(*) from (select id, count(*) as n from ({expected}) e group by id) e
                full join (select case_id, count(distinct id) as n from approvals.messages where event = '{name}' group by case_id) m on m.case_id = e.id
                where e.n is distinct from m.n
                """) is var count and not 0)
                wrong.Add($"{count} cases have too few or too many messages {name}");
        if (await CountAsync("""
            select count(*) from (select id::text, recipient, channel from approvals.messages where state = 'sent') s
            full join development.messages d on d.id = replace(s.id, '-', '') || '-' || s.recipient || '-' || s.channel
            where s.id is null or d.id is null
            """) is var unequal and not 0)
            wrong.Add($"{unequal} messages were sent without a note, or noted and not sent");
        if (await CountAsync("select count(*) from approvals.messages where state not in ('sent', 'no_address')") is var unsent and not 0)
            wrong.Add($"{unsent} messages weren't sent");
    }

    private async Task RunsAsync()
    {
        var found = (await RowsAsync($"""
            select i.id, i.version, i.finished_at is not null,
                (select count(*) from engine.signals s where s.instance_id = i.id and s.outcome = 0),
                (select count(*) from approvals.audit a where a.case_id = i.id and a.action = 'signalled'),
                (select count(*) from approvals.audit a where a.case_id = i.id and a.action = 'time.passed')
            from engine.instances i where i.definition_id = '{RunLoad.DefinitionId}'
            """, r => (Id: r.GetGuid(0), Version: r.GetInt64(1), Ended: r.GetBoolean(2), Signals: r.GetInt64(3), Signalled: r.GetInt64(4), Fired: r.GetInt64(5)))).ToDictionary(row => row.Id);
        foreach (var book in ledger.Runs)
        {
            if (!found.Remove(book.Id, out var row))
            {
                wrong.Add($"run {book.Id} is gone");
                continue;
            }
            Same($"signals of run {book.Id}", book.Signals.Count, row.Signals);
            Same($"steps by signals of run {book.Id}", book.Signals.Count, row.Signalled);
            Same($"timers fired of run {book.Id}", 1, row.Fired);
            Same($"steps of run {book.Id}", 1 + book.Signals.Count + 1, row.Version);
            Same($"end of run {book.Id}", true, row.Ended);
        }
        wrong.AddRange(found.Keys.Select(id => $"run {id} was never acknowledged"));
    }

    private void Same<T>(string what, T told, T kept)
    {
        if (!EqualityComparer<T>.Default.Equals(told, kept))
            wrong.Add($"{what}: told {told}, kept {kept}");
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<List<T>> RowsAsync<T>(string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var command = database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
            rows.Add(read(reader));
        return rows;
    }
}
