using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.Employers.Handlers;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>新增申报 for many people of one employer at once.</summary>
public sealed record FileCases
{
    public required string Service { get; init; }

    /// <summary>Left out: the one that the user is a handler of.</summary>
    public string? EmployerId { get; init; }

    /// <summary>1 to <see cref="CaseBatches.Most"/>, each person once.</summary>
    public required IReadOnlyList<PersonToFile> Items { get; init; }

    /// <summary>What is confirmed for all of them, such as <c>classified</c> (涉密提示); needed to submit where a service has it confirmed.</summary>
    public IReadOnlyList<string>? Confirmed { get; init; }
}

/// <summary>One of many.</summary>
public sealed record PersonToFile
{
    public required string ApplicantId { get; init; }

    /// <summary>The form's first phase, as in <see cref="NewCase.Data"/>.</summary>
    public JsonElement Data { get; init; }

    /// <summary>Hand it in too: only what is complete and correct is begun then.</summary>
    public bool Submit { get; init; }
}

/// <summary>What became of one person's case.</summary>
/// <param name="Index">Of the item, from 0.</param>
/// <param name="CaseId">Null: none was begun.</param>
/// <param name="Problem">Null: all that was asked for is done. With a <paramref name="CaseId"/>: the draft is there, and couldn't be handed in.</param>
public sealed record FiledPerson(int Index, string ApplicantId, Guid? CaseId, string? Number, Worded? Status, BatchProblem? Problem);

/// <param name="Submitted">How many are handed in.</param>
/// <param name="Drafts">How many are begun and not handed in.</param>
/// <param name="Failed">How many have a problem.</param>
public sealed record FiledCases(IReadOnlyList<FiledPerson> Items, int Submitted, int Drafts, int Failed);

/// <summary>What all cases of a batch have in common, read once.</summary>
/// <param name="People">Of the employer, by id.</param>
/// <param name="Submits">The case is handed in right after: nothing is begun that couldn't be.</param>
/// <param name="Confirms">What the service has confirmed is.</param>
internal sealed record BatchTerms(CaseRoute Route, IReadOnlyDictionary<string, DirectoryPerson> People, bool Submits, bool Confirms);

/// <summary>批量申报: an employer files for many of its people in one request, each a case of its own (R-CASE-1, R-CASE-7).</summary>
/// <remarks>Source: Chaoyang 二, “如需申报多人，可点击新增申报逐个填报多人信息”.</remarks>
public sealed class CaseBatches(CaseBeginning beginning, CaseCommands commands, WorkflowRuntime runtime, NpgsqlDataSource database, ServiceCatalogue services, DirectoryReader directory)
{
    public const int Most = 1000;

    /// <summary>Of the whole body, in bytes: 32 KiB a person on average.</summary>
    public const int LargestRequest = Most * 32 * 1024;

    /// <summary>Cases of one batch under way at a time: enough to keep the database busy, and others are served too.</summary>
    private const int AtOnce = 8;

    // A form has as many errors as it has fields: of a thousand forms, all of them are no answer any more.
    private const int MostErrors = 20;

    /// <summary>
    /// Files in parallel and answers in the order of the items. One that fails undoes no other. Sent again with the same key, whatever was
    /// done is answered as it was, and the rest is done: so a batch that was cut off is completed by sending it again.
    /// </summary>
    /// <exception cref="WorkflowException"><c>invalid_request</c>: no items, too many, a person twice, a service that no employer files for its people; <c>not_found</c>;
    /// <c>forbidden</c>: the user isn't a handler of the employer. Then nothing was filed.</exception>
    public async Task<FiledCases> FileAsync(Caller caller, FileCases request, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        Check(request);
        var package = await services.GetAsync(request.Service, cancellationToken);
        caller.RequireService(request.Service);
        if (package.Service.Subject != CaseSubjects.Person || package.Service.Routing.EmployerByCode)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"'{request.Service}' isn't filed by an employer for its people. File it one by one.", $"“{package.Service.Zh}”不是由单位为员工申报的事项，不能批量申报。");
        var employerId = await EmployerAsync(caller, user, request.EmployerId, cancellationToken);
        var terms = new BatchTerms(await directory.RouteAsync(employerId, cancellationToken),
            await directory.FindPeopleAsync(employerId, [.. request.Items.Select(i => i.ApplicantId)], cancellationToken), Submits: false,
            Confirmations.Of(package.Materials).All(c => request.Confirmed?.Contains(c.Key) == true));
        var results = new FiledPerson[request.Items.Count];
        await Parallel.ForAsync(0, results.Length, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (i, stop) =>
            results[i] = await FileAsync(caller, request, i, employerId, terms with { Submits = request.Items[i].Submit }, idempotency is null ? null : idempotency with { Key = $"{idempotency.Key}/{i}" }, stop));
        return await AnswerAsync(package.Service, results, cancellationToken);
    }

    private static void Check(FileCases request)
    {
        if (request.Items.Count is 0 or > Most)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"A batch has 1 to {Most} people, not {request.Items.Count}.", $"每批 1 至 {Most} 人。");
        if (request.Items.Any(i => i is null || string.IsNullOrWhiteSpace(i.ApplicantId)))
            throw new WorkflowException(ErrorCodes.InvalidRequest, "An item of the batch names nobody. Give each an applicantId.", "每一项都须填写申报人（applicantId）。");
        if (request.Items.GroupBy(i => i.ApplicantId, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"'{twice.Key}' stands in the batch twice. Keep one.", $"申报人“{twice.Key}”在一批中出现多次，只能保留一项。");
    }

    /// <summary>The employer that is filed for: the user is a handler of it now, and the key may act for it as one.</summary>
    private async Task<string> EmployerAsync(Caller caller, string user, string? asked, CancellationToken cancellationToken)
    {
        if (!caller.MayActAs(HandlerRights.Role))
            throw new WorkflowException(ErrorCodes.Forbidden, $"This key may not act in the role '{HandlerRights.Role}'.", "此密钥不能以单位经办人的角色办理。");
        var handled = await database.QueryAsync("select r.organisation_id from approvals.user_roles r where r.user_id = $1 and r.role = $2 order by 1", r => r.GetString(0), cancellationToken, user, HandlerRights.Role);
        handled.RemoveAll(h => !caller.MayActFor(h));
        return (asked, handled) switch
        {
            ({ } named, _) when handled.Contains(named) => named,
            (null, [var only]) => only,
            (null, { Count: > 1 }) => throw new WorkflowException(ErrorCodes.InvalidRequest, $"'{user}' is a handler of {handled.Count} employers. Name one in employerId.", "您是多个单位的经办人，请填写 employerId。"),
            _ => throw new WorkflowException(ErrorCodes.Forbidden, $"'{user}' isn't a handler of {(asked is null ? "any employer" : $"'{asked}'")}, or this key may not act for it.", "您不是该单位的业务经办人，不能为其人员申报。"),
        };
    }

    private async Task<FiledPerson> FileAsync(Caller caller, FileCases request, int index, string employerId, BatchTerms terms, Idempotency? key, CancellationToken cancellationToken)
    {
        var item = request.Items[index];
        Guid? id = null;
        try
        {
            // What was begun before is judged by what it is now, not by what was sent for it.
            if (await runtime.FindAnswerAsync(key, cancellationToken) is { } earlier)
                id = earlier.InstanceId;
            else
            {
                // Whether somebody is unknown, or another's, isn't the employer's business.
                if (!terms.People.ContainsKey(item.ApplicantId))
                    throw new WorkflowException(ErrorCodes.UnknownUser, $"'{item.ApplicantId}' isn't one of '{employerId}'. Let them be associated with the employer first.", "本单位没有该人员，请核对，或由其本人先关联本单位。");
                id = (await beginning.BeginAsync(caller, new NewCase { Service = request.Service, ApplicantId = item.ApplicantId, Data = item.Data }, new CaseOrigin { Batch = terms }, key, cancellationToken)).Answer.InstanceId;
            }
            if (item.Submit)
                await commands.SubmitAsync(caller, id.Value, key is null ? null : key with { Key = $"{key.Key}/submit" }, null, cancellationToken);
            return new FiledPerson(index, item.ApplicantId, id, null, null, null);
        }
        catch (WorkflowException refused)
        {
            return new FiledPerson(index, item.ApplicantId, id, null, null, new BatchProblem(refused.Code, refused.MessageZh, refused.Message, Bounded(refused.Facts)));
        }
    }

    private static Dictionary<string, object?>? Bounded(IReadOnlyDictionary<string, object?> facts) => facts.Count == 0 ? null
        : facts.ToDictionary(f => f.Key, f => f.Value is IReadOnlyList<FormError> { Count: > MostErrors } errors ? errors.Take(MostErrors).ToArray() : f.Value, StringComparer.Ordinal);

    /// <summary>With the numbers and statuses as they are now.</summary>
    private async Task<FiledCases> AnswerAsync(ServiceDefinition service, FiledPerson[] results, CancellationToken cancellationToken)
    {
        var cases = (await database.QueryAsync($"select c.id, c.number, c.status, {PositionWords.OpenStages} from approvals.cases c where c.id = any($1)",
            r => (Id: r.GetGuid(0), Number: r.Text(1), Status: PositionWords.Of(service.Words, r.GetString(2), r.GetFieldValue<string[]>(3), WordReader.Employer)), cancellationToken,
            (object)results.Select(r => r.CaseId).OfType<Guid>().ToArray())).ToDictionary(c => c.Id);
        FiledPerson[] items = [.. results.Select(r => r.CaseId is { } id && cases.TryGetValue(id, out var found) ? r with { Number = found.Number, Status = found.Status } : r)];
        var begun = items.Count(i => i.CaseId is not null);
        var submitted = items.Count(i => i.Number is not null);
        return new FiledCases(items, submitted, begun - submitted, items.Count(i => i.Problem is not null));
    }
}
