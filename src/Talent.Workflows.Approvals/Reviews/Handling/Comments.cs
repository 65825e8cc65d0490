using System.Globalization;
using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Reviews.Handling;

public sealed record CommentView(Guid Id, DateTimeOffset At, Named By, bool ForApplicant, string Text);

/// <summary>沟通 between those who deal with a case; the applicant sees what is said to be for them (R-REV-7).</summary>
public sealed class CommentCommands(WorkflowRuntime runtime, NpgsqlDataSource database, CaseReader cases, Cursors cursors, BusinessClock clock)
{
    private const int Longest = 2000;

    /// <summary>Comments that a case takes: more than people say, and few enough to be read.</summary>
    public const int MostOfACase = 5000;

    /// <summary>
    /// Whether the user ($1) deals with the case ($4): an officer of its organisations, somebody with a task in it, or whom it was
    /// copied to. Neither the applicant or who filed it, whatever roles they hold, nor an expert, whose seat a comment would betray.
    /// </summary>
    private static readonly string Deals = $"""
        select 1 from approvals.cases c where c.id = $4 and not {KeyLimits.Own("$1")} and {KeyLimits.Service("$2")} and (
            exists (select from approvals.user_roles r where r.user_id = $1 and r.role not in ('applicant', 'expert') and r.organisation_id in (c.employer_id, c.unit_id, c.bureau_id) and {KeyLimits.Office("$3", "$5")})
            or exists (select from approvals.tasks t where t.case_id = c.id and t.id between approvals.first_task(c.id) and approvals.last_task(c.id) and t.kind not in ({TaskKinds.Personal})
                and $1 in (t.assignee, t.decided_by, t.claimed_by) and {KeyLimits.Task("$1", "$3", "$5")})
            or exists (select from approvals.copies k where k.case_id = c.id and k.user_id = $1))
        """;

    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>: the user doesn't deal with the case; <c>conflict</c>: it has as many as it takes; <c>invalid_request</c>, <c>busy</c>.</exception>
    public async Task<CommentView> SayAsync(Caller caller, Guid caseId, string text, bool forApplicant, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        text = Texts.Required(text, "text", Longest);
        await cases.RequireVisibleAsync(caller, caseId, cancellationToken);
        if (!await DealsAsync(caller, caseId, cancellationToken))
            throw new WorkflowException(ErrorCodes.Forbidden, $"'{user}' doesn't deal with case {caseId}: those who review it talk here.", "只有办理该业务的人员可以沟通。");
        if (await runtime.FindAnswerAsync(idempotency, cancellationToken) is { ReceiptAnswer: { } earlier })
            return await FindAsync(earlier, cancellationToken);
        if ((await database.QueryAsync("select count(*) from approvals.comments where case_id = $1", r => r.GetInt64(0), cancellationToken, caseId))[0] >= MostOfACase)
            throw new WorkflowException(ErrorCodes.Conflict, $"Case {caseId} has {MostOfACase} comments, which is all it takes.", $"该业务的沟通记录已达 {MostOfACase} 条，不能再添加。");
        var comment = new CommentMade { User = user, Limits = CredentialLimits.Of(caller), Id = Guid.CreateVersion7(clock.Machine.GetUtcNow()), Text = text, ForApplicant = forApplicant };
        var answer = await runtime.ApplyAsync(new StepRequest { InstanceId = caseId, Actor = caller.Actor, Idempotency = idempotency, Domain = comment }, cancellationToken);
        if (!answer.Applied)
            throw CaseRefusal.Of(answer, caller);
        return await FindAsync(answer.ReceiptAnswer!, cancellationToken);
    }

    /// <summary>What was said, oldest first; to the applicant only what is for them.</summary>
    /// <param name="limit">1 to 200.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>; <c>invalid_request</c>: not one of our cursors.</exception>
    public async Task<Page<CommentView>> ListAsync(Caller caller, Guid caseId, string? cursor, int limit, CancellationToken cancellationToken)
    {
        await cases.RequireVisibleAsync(caller, caseId, cancellationToken);
        var list = $"comments|{caseId}";
        long? after = cursors.Read(list, cursor) is { } position ? long.Parse(position, CultureInfo.InvariantCulture) : null;
        limit = Math.Clamp(limit, 1, 200);
        var rows = await database.QueryAsync($"""
            {View} where m.case_id = $1 and (m.for_applicant or not $2) and ($3::bigint is null or m.seq > $3) order by m.seq limit $4
            """, r => (Comment: Read(r), Seq: r.GetInt64(6)), cancellationToken, caseId, !await DealsAsync(caller, caseId, cancellationToken), after.OrNull(), limit + 1);
        return new Page<CommentView>([.. rows.Take(limit).Select(r => r.Comment)], rows.Count > limit ? cursors.Write(list, rows[limit - 1].Seq.ToString(CultureInfo.InvariantCulture)) : null);
    }

    private async Task<bool> DealsAsync(Caller caller, Guid caseId, CancellationToken cancellationToken) =>
        (await database.QueryAsync(Deals, r => r.GetInt32(0), cancellationToken, caller.User, caller.Services.OrNull(), caller.Organisations.OrNull(), caseId, caller.Roles.OrNull())).Count > 0
        || (await TaskReader.DelegatedAsync(database, caller, caseId, clock.Now, cancellationToken)).Count > 0;

    private const string View = "select m.id, m.at, m.by_user, u.name, m.for_applicant, m.text, m.seq from approvals.comments m left join approvals.users u on u.id = m.by_user";

    /// <param name="receipt">The id of the comment, as the step left it.</param>
    private async Task<CommentView> FindAsync(byte[] receipt, CancellationToken cancellationToken) =>
        await database.SingleAsync($"{View} where m.id = $1", Read, cancellationToken, JsonSerializer.Deserialize<Guid>(receipt)) ?? throw new InvalidOperationException("A comment that was made is gone.");

    private static CommentView Read(NpgsqlDataReader r) => new(r.GetGuid(0), r.GetFieldValue<DateTimeOffset>(1), new Named(r.GetString(2), r.Text(3)), r.GetBoolean(4), r.GetString(5));
}
