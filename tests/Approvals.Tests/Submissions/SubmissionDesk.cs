using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Submissions;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Panels;
using Talent.Workflows.Approvals.Why;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.Submissions;

/// <summary>The district office: three persons whom it has approved, on a real database.</summary>
internal sealed record SubmissionDesk(CaseDesk Desk, FiledCase Li, FiledCase Wang, FiledCase Huang) : IAsyncDisposable
{
    public const string Officer = "bureau-reviewer-1";

    public FiledCase[] All => [Li, Wang, Huang];

    public Guid[] Ids => [.. All.Select(c => c.Id)];

    public Caller Caller => Desk.As(Officer).Caller;

    /// <summary>Monday 2026-09-21: filed, and approved by the district.</summary>
    public static async Task<SubmissionDesk> OpenAsync(bool beforeAcceptance = false, params (string Name, string Type, JsonNode Value)[] inputs)
    {
        var desk = await CaseDesk.OpenAsync(SubmissionFlow.Definition(beforeAcceptance, inputs));
        var filed = new List<FiledCase>();
        foreach (var sample in (string[])["applicant-li", "applicant-wang", "applicant-huang"])
        {
            var one = await desk.SubmittedAsync(desk.Content.Services.Single().Samples.First(s => s.Applicant == sample));
            await desk.As(beforeAcceptance ? (await ReviewerAsync(desk, one)) : "bureau-reviewer-2").Approve(one);
            filed.Add(one);
        }
        return new SubmissionDesk(desk, filed[0], filed[1], filed[2]);
    }

    private static Task<string> ReviewerAsync(CaseDesk desk, FiledCase filed) =>
        desk.Scalar<string>($"select min(r.user_id) from approvals.user_roles r join approvals.cases c on c.employer_id = r.organisation_id where r.role = 'employer.reviewer' and c.id = '{filed.Id}'");

    public Task<SubmissionChanged> Create(params FiledCase[] cases) => Create(null, Officer, cases);

    public Task<SubmissionChanged> Create(Idempotency? key, string user, params FiledCase[] cases) => Desk.Get<SubmissionDrafts>().CreateAsync(Desk.As(user).Caller, [.. cases.Select(c => c.Id)], key, default);

    public Task Remove(Guid list, FiledCase filed, long? ifVersion = null) => Desk.Get<SubmissionDrafts>().RemoveAsync(Caller, list, filed.Id, ifVersion, null, default);

    public Task<SubmissionSealed> Seal(Guid list, long? ifVersion = null) => Desk.Get<SubmissionSealing>().SealAsync(Caller, list, ifVersion, null, default);

    /// <summary>A sealed list that its cases know of.</summary>
    public async Task<SubmissionSealed> Sealed(params FiledCase[] cases)
    {
        var made = await Seal((await Create(cases)).Id);
        await Deliver();
        return made;
    }

    public Task<SubmissionSettled> Settle(Guid list, string? all = "approve", string document = "京人才函〔2026〕5号", Idempotency? key = null, params CaseDecision[] named) =>
        Desk.Get<SubmissionSettlement>().SettleAsync(Caller, list, new SettleSubmission { DocumentNumber = document, DocumentDate = new DateOnly(2026, 9, 21), Default = all, Reason = all == "reject" ? "名额已满" : null, Cases = named }, key, default);

    public Task<SubmissionReturned> Return(FiledCase filed, string reason = "学历认证有误") => Desk.Get<SubmissionReturns>().ReturnAsync(Caller, filed.Id, reason, null, default);

    public async Task<IReadOnlyList<Guid>> Candidates(string user = Officer) => [.. (await Desk.Get<SubmissionReader>().CandidatesAsync(Desk.As(user).Caller, null, null, null, null, default)).Items.Select(c => c.CaseId)];

    public Task<SubmissionView> Read(Guid list) => Desk.Get<SubmissionReader>().ReadAsync(Caller, list, default);

    public async Task<IReadOnlyList<SubmissionCaseView>> Cases(Guid list) => (await Desk.Get<SubmissionReader>().CasesAsync(Caller, list, null, null, default)).Items;

    public async Task<JsonElement> Export(Guid list, bool full, string? reason = null)
    {
        var file = await Desk.Get<SubmissionExport>().ReadAsync(Caller, list, "json", full, reason, default);
        return JsonSerializer.Deserialize<JsonElement>(file.Content);
    }

    public async Task<string> Why(FiledCase filed) => Assert.Single((await Desk.Get<WhyReader>().ReadAsync(filed.Applicant.Caller, filed.Id, default)).WaitsFor).TextZh;

    public Task Deliver() => PanelDesk.DeliverAsync(Desk);

    /// <summary>How often something stands in the case's audit.</summary>
    public Task<long> Audited(FiledCase filed, string action) => Desk.Scalar<long>($"select count(*) from approvals.audit where case_id = '{filed.Id}' and action = '{action}'");

    /// <summary>Has requests meet at rows: holds these until all of the requests wait for them, and lets go.</summary>
    public async Task<Exception?[]> MeetAsync(string held, params Func<Task>[] requests)
    {
        Task<Exception?>[] running;
        await using (var connection = await Desk.Database.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using (var hold = connection.CreateCommand())
            {
                hold.CommandText = $"select 1 from {held} for update";
                await hold.ExecuteNonQueryAsync();
            }
            running = [.. requests.Select(r => Task.Run(() => Record.ExceptionAsync(r)))];
            while (await Desk.Scalar<long>("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") < requests.Length && !running.All(r => r.IsCompleted))
                await Task.Delay(5);
            await transaction.RollbackAsync();
        }
        return await Task.WhenAll(running);
    }

    public static async Task<WorkflowException> Refused(string code, Func<Task> act)
    {
        var refused = await Assert.ThrowsAsync<WorkflowException>(act);
        Assert.Equal(code, refused.Code);
        return refused;
    }

    public ValueTask DisposeAsync() => Desk.DisposeAsync();
}
