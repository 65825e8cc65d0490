using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Approvals.People.RealName;

namespace Talent.Workflows.Server.ElsaApi.Descriptors;

/// <summary>Choices of drop-downs that only this installation knows: roles, organisations, messages, letters.</summary>
internal sealed class DescriptorChoices(NpgsqlDataSource database, ApprovalContent content)
{
    // More than that nobody finds in a drop-down: the input is then a text.
    private const int Most = 500;

    /// <summary>The choices by source. A source without an entry has none, or too many.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<ChoiceModel>>> ReadAsync(DescriptorTexts texts, CancellationToken cancellationToken)
    {
        var roles = await QueryAsync("select distinct role, role from approvals.user_roles order by 1 limit $1", cancellationToken);
        var known = roles.Select(r => r.Value).Concat(content.Services.SelectMany(s => s.Service.Phases).SelectMany(p => p.Stages).Select(s => s.Role))
            .Where(r => r.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(r => new ChoiceModel(r, r));
        var organisations = await QueryAsync(texts.Of(
            "select name_zh || ' (' || id || ')', id from approvals.organisations where active order by name_zh, id limit $1",
            "select name_en || ' (' || id || ')', id from approvals.organisations where active order by name_en, id limit $1"), cancellationToken);
        var messages = content.Services.SelectMany(s => s.Messages.Events).Concat(content.Shared.Messages.Definitions.Events)
            .Where(e => e.To is not (CodeDelivery.Recipient or AccountMessages.Recipient)) // those are sent by no workflow
            .DistinctBy(e => e.Event).OrderBy(e => e.Event, StringComparer.Ordinal).Select(e => new ChoiceModel($"{texts.Of(e.Zh, e.En)} ({e.Event})", e.Event));
        var all = new Dictionary<string, IReadOnlyList<ChoiceModel>>
        {
            ["roles"] = [.. known],
            // More organisations than a drop-down holds: those of the case still are what nearly every stage names.
            ["organisations"] = [.. CaseOrganisation.All.Select(o => new ChoiceModel(texts.Of(o.Zh, o.En), o.Code)), .. organisations.Count <= Most - CaseOrganisation.All.Count ? organisations : []],
            ["messages"] = [.. messages],
            ["letters"] = [.. content.Services.SelectMany(s => s.Letters.All.Select(l => (l.Kind, l.Zh, l.En))).Concat(content.Shared.Letters.Definitions.Letters.Select(l => (l.Kind, Zh: l.Zh ?? l.Kind, En: l.En ?? l.Kind)))
                .Reverse().DistinctBy(l => l.Kind).OrderBy(l => l.Kind, StringComparer.Ordinal).Select(l => new ChoiceModel($"{texts.Of(l.Zh, l.En)} ({l.Kind})", l.Kind))],
        };
        return all.Where(c => c.Value.Count is > 0 and <= Most).ToDictionary();
    }

    private async Task<List<ChoiceModel>> QueryAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Most + 1 });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var choices = new List<ChoiceModel>();
        while (await reader.ReadAsync(cancellationToken))
            choices.Add(new ChoiceModel(reader.GetString(0), reader.GetString(1)));
        return choices;
    }
}
