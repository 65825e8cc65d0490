using System.Text.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.Employers.Handlers;
using Talent.Workflows.Approvals.Messages.Channels;
using Talent.Workflows.Approvals.Messages.Templates;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.Messages;

/// <summary>
/// Delivers a message to everyone it is for, over every channel that the service names: looks up who that is now, renders,
/// sends, and notes what became of it. A repetition sends only what hasn't gone out, with the same ids (R-NTF-3).
/// </summary>
public sealed class MessageDelivery(NpgsqlDataSource database, ApprovalContent content, ServiceCatalogue services, FormVersions forms, IEnumerable<IMessageChannel> channels, DataKeys keys, IOptions<ApprovalOptions> options) : IOutboxHandler
{
    // Whoever configures it starts the server anew; this is for the other nodes.
    private static readonly TimeSpan Unconfigured = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, IMessageChannel> channels = channels.ToDictionary(c => c.Name, StringComparer.Ordinal);

    public string Kind => MessagesPart.Kind;

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<MessageOrder>(message.Payload, MessageJson.Options)!;
        // A task that had nobody to go to stayed where it was: then it is overdue, not reassigned.
        if (order.Event == "task.reassigned" && await StayedAsync(order, cancellationToken))
            order = order with { Event = "task.overdue" };
        var facts = await MessageFacts.LoadAsync(database, message.InstanceId, order, message.CreatedAt, cancellationToken);
        if (facts is null || await services.FindAsync(facts.Service, cancellationToken) is not { } package || package.Messages.Find(order.Event) is not { } definition)
            return OutboxResult.Ok; // A service tells only of the events in its messages.json.
        package = await forms.OfCaseAsync(package, "", facts.FormVersion, cancellationToken);
        // What a provider refused for good isn't tried again by itself; an operator who sends it again begins with a new first attempt.
        var sent = (await database.QueryAsync("select recipient || '/' || channel from approvals.messages where id = $1 and (state = 'sent' or $2 and state in ('dead', 'no_address'))", r => r.GetString(0), cancellationToken,
            message.Id, message.Attempts > 0))
            .ToHashSet(StringComparer.Ordinal);
        string? retry = null, dead = null;
        TimeSpan? after = null;
        DeliveryResult.Waiting? waits = null;
        var people = await RecipientsAsync(message.InstanceId, order.To, cancellationToken);
        if (order.To is { Kind: RecipientKinds.Task, Id: { } held } && Guid.TryParse(held, out var task))
            people.AddRange(await DelegatesAsync(task, people, message.CreatedAt, cancellationToken));
        if (people.Count == 0)
            await DeliveryNotes.NobodyAsync(database, message, order.Event);
        foreach (var person in people)
            foreach (var channel in definition.Channels.Where(c => !sent.Contains($"{person.Id}/{c}")))
            {
                var link = options.Value.PublicUrl is { Length: > 0 } url ? $"{url.TrimEnd('/')}/cases/{message.InstanceId}" : null;
                var result = await SendAsync(message, person, channel, package.Messages, order.Event,
                    facts.InBoth(person.Id, person.Name, package, content.Calendar, link, person.OnBehalfOf, channel != MessageChannels.Sms && definition.Fields.Contains("onBehalfOf?")), cancellationToken);
                await DeliveryNotes.NoteAsync(database, message, order.Event, person.Id, channel, result);
                waits = result as DeliveryResult.Waiting ?? waits;
                (retry, dead, after) = result switch
                {
                    DeliveryResult.Retry again => (again.Reason, dead, again.After ?? after),
                    DeliveryResult.Unknown unknown => (unknown.Reason, dead, after),
                    DeliveryResult.Dead refused => (retry, refused.Reason, after),
                    _ => (retry, dead, after),
                };
            }
        return retry is not null ? new OutboxResult.Retry(after, retry) : waits is not null ? new OutboxResult.Hold(waits.After, waits.Reason) : dead is not null ? new OutboxResult.Dead(dead) : OutboxResult.Ok;
    }

    private async Task<DeliveryResult?> SendAsync(OutboxMessage order, Person person, string channel, MessageCatalogue messages, string name, Dictionary<string, string> values, CancellationToken cancellationToken)
    {
        var to = channel switch { MessageChannels.Sms => person.Phone, MessageChannels.Email => person.Email, _ => person.Id };
        if (string.IsNullOrEmpty(to))
            return null;
        RenderedMessage text;
        try
        {
            text = messages.Render(name, channel, person.Language, values);
        }
        catch (MessageRenderException e)
        {
            return new DeliveryResult.Dead(e.Message);
        }
        if (!channels.TryGetValue(channel, out var sender))
            return new DeliveryResult.Waiting($"no channel '{channel}' is configured", Unconfigured);
        return await sender.SendAsync(new Message
        {
            Id = $"{order.Id:N}-{person.Id}-{channel}", CaseId = order.InstanceId, Event = name, Channel = channel, To = to, Subject = text.Subject, Text = text.Text, Html = text.Html,
            TemplateCode = text.TemplateCode, SignName = text.SignName, Params = text.Params,
        }, cancellationToken);
    }

    private async Task<bool> StayedAsync(MessageOrder order, CancellationToken cancellationToken) =>
        order.Facts.TryGetValue("taskId", out var task) && Guid.TryParse(task, out var id)
        && (await database.QueryAsync("select 1 from approvals.tasks where id = $1 and note = 'no_superior'", r => r.GetInt32(0), cancellationToken, id)).Count > 0;

    private Task<List<Person>> RecipientsAsync(Guid caseId, Recipient to, CancellationToken cancellationToken)
    {
        const string Columns = $"select distinct {PersonColumns} from approvals.users u";
        return to.Kind switch
        {
            // What somebody would have been told as the handler who filed the case goes to whoever handles it now (R-EMP-3).
            RecipientKinds.User => People($"""
                {Columns} where u.active and u.id in (
                    select $1 where not exists (select from approvals.cases c where c.id = $2 and c.filed_by = $1 and {KeyLimits.FiledByEmployer})
                    union all select h.user_id from approvals.cases c cross join lateral {HandlerRights.OfCase} h where c.id = $2 and c.filed_by = $1)
                """, to.Id, caseId),
            RecipientKinds.Applicant => People($"""
                {Columns} where u.active and u.id in (
                    select c.applicant_id from approvals.cases c where c.id = $1 and c.subject = '{CaseSubjects.Person}'
                    union all select h.user_id from approvals.cases c cross join lateral {HandlerRights.OfCase} h where c.id = $1 and c.subject = '{CaseSubjects.Person}'
                    union all select h.user_id from approvals.cases c join approvals.user_roles h on h.organisation_id = c.employer_id and h.role = '{HandlerRights.Role}'
                        where c.id = $1 and c.subject = '{CaseSubjects.Employer}')
                """, caseId),
            RecipientKinds.Role => People($"{Columns} join approvals.user_roles r on r.user_id = u.id where u.active and r.role = $1 and ($2::text is null or r.organisation_id = $2)", to.Role, to.OrganisationId),
            RecipientKinds.Superior => People($"{Columns} join approvals.user_roles r on r.user_id = u.id join approvals.superior_of($1, $2) s on s.role = r.role and s.organisation_id = r.organisation_id where u.active", to.Role, to.OrganisationId),
            RecipientKinds.Superiors => People($"""
                {Columns} join approvals.user_roles r on r.user_id = u.id
                join approvals.tasks t on t.case_id = $1 and t.id between approvals.first_task($1) and approvals.last_task($1) and ($2::uuid is null and t.status < 2 or t.id = $2)
                cross join lateral approvals.superior_of(t.role, t.organisation_id) s where u.active and s.role = r.role and s.organisation_id = r.organisation_id
                """, caseId, (Guid.TryParse(to.Id, out var held) ? held : (Guid?)null).OrNull()),
            _ => People($"""
                {Columns} join approvals.tasks t on t.id = $1
                left join approvals.user_roles r on r.user_id = u.id and r.role = t.role and (t.organisation_id is null or r.organisation_id = t.organisation_id)
                where u.active and not (u.id = any(t.excluded)) and case when coalesce(t.assignee, t.claimed_by) is not null then u.id = coalesce(t.assignee, t.claimed_by) else r.user_id is not null end
                """, Guid.TryParse(to.Id, out var task) ? task : Guid.Empty),
        };

        Task<List<Person>> People(string sql, params object?[] parameters) =>
            PeopleAsync(sql + " order by u.id", null, cancellationToken, parameters);
    }

    /// <summary>委托: who may decide the task in the place of those who have it, as of the instant that the message tells of.</summary>
    private async Task<List<Person>> DelegatesAsync(Guid task, List<Person> holders, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var names = holders.ToDictionary(h => h.Id, h => h.Name, StringComparer.Ordinal);
        var links = await database.LinksFromAsync([.. names.Keys], at, cancellationToken);
        if (links.Count == 0)
            return [];
        var about = await database.SingleAsync("select c.service, t.role, t.excluded from approvals.tasks t join approvals.cases c on c.id = t.case_id where t.id = $1 and t.kind in ('review', 'objection')",
            r => new { Service = r.GetString(0), Role = r.Text(1), Excluded = r.GetFieldValue<string[]>(2) }, cancellationToken, task);
        if (about is null)
            return [];
        var behalf = links.Select(l => l.Delegate).Distinct(StringComparer.Ordinal).Where(d => !names.ContainsKey(d) && !about.Excluded.Contains(d))
            .Select(d => (User: d, For: string.Join('、', DelegationRules.PrincipalsOf(d, links, at).Where(p => p.Scope.Covers(about.Service, about.Role)).Select(p => p.User).Distinct(StringComparer.Ordinal).Where(names.ContainsKey).Select(p => names[p]))))
            .Where(d => d.For.Length > 0).ToDictionary(d => d.User, d => d.For, StringComparer.Ordinal);
        return await PeopleAsync($"select {PersonColumns} from approvals.users u where u.active and u.id = any($1) order by u.id", behalf, cancellationToken, (object)behalf.Keys.ToArray());
    }

    private const string PersonColumns = $"{UserContacts.Columns}, u.name, u.language";

    private async Task<List<Person>> PeopleAsync(string sql, Dictionary<string, string>? behalf, CancellationToken cancellationToken, params object?[] parameters)
    {
        var rows = await database.QueryAsync(sql, r => (Contacts: UserContacts.Read(r), Name: r.GetString(6), Language: r.GetString(7)), cancellationToken, parameters);
        var ring = await keys.OpeningAsync(rows.Max(r => r.Contacts.KeyId) ?? 0, cancellationToken);
        return rows.ConvertAll(r =>
        {
            var (phone, email) = r.Contacts.Open(ring);
            return new Person(r.Contacts.User, r.Name, phone, email, r.Language, behalf?[r.Contacts.User]);
        });
    }

    /// <param name="OnBehalfOf">委托: whose task it is; null: their own.</param>
    private sealed record Person(string Id, string Name, string? Phone, string? Email, string Language, string? OnBehalfOf = null);
}
