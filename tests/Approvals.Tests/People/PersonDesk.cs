using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.People.Profiles;

namespace Talent.Workflows.Approvals.Tests.People;

/// <summary>People on a node with the sample city. Numbers are nobody's.</summary>
internal sealed class PersonDesk : IAsyncDisposable
{
    public const string PhoneOfLi = "19900007701";
    public const string MailOfLi = "Li.Shili@private.example.cn";

    private PersonDesk(CaseDesk desk) => Desk = desk;

    public CaseDesk Desk { get; }
    public PersonReader Reader => Desk.Get<PersonReader>();
    public PersonCommands Commands => Desk.Get<PersonCommands>();

    /// <param name="more">Adds what the host would add.</param>
    public static async Task<PersonDesk> OpenAsync(Action<IServiceCollection>? more = null) => new(await CaseDesk.OpenAsync(more: more, profiles: false));

    /// <summary>People of a node that is open already.</summary>
    public static PersonDesk On(CaseDesk desk) => new(desk);

    /// <summary>A number that passes every check and belongs to nobody.</summary>
    public static string NumberOf(int sequence) => ResidentId.Fictitious(new DateOnly(1986, 2, 14), sequence).Value;

    public Caller As(string user) => Desk.As(user).Caller;

    public Caller Administrator => As("bureau-superior") with { Scopes = new HashSet<string> { "admin", "cases" } };

    /// <summary>One after the other: each a second later than the one before.</summary>
    public Task<Guid> Register(string user, string name, string? id = null, string? phone = null, string? email = null)
    {
        Desk.Time.SetTo(Desk.Time.GetUtcNow() + TimeSpan.FromSeconds(1));
        return Commands.RegisterAsync(As(user), new NewPerson(name, id, phone, email), null, default);
    }

    public Task<Guid> RegisterLi() => Register("applicant-li", "李示例", NumberOf(25), PhoneOfLi, MailOfLi);

    public async Task FillAsync(string user, Guid id)
    {
        foreach (var step in Profile.Steps)
            await Commands.SaveStepAsync(As(user), id, step, Profile.Of(step), null, default);
    }

    public async Task<string[]> Found(string user, PersonSearch search) => [.. (await Reader.SearchAsync(As(user), search, default)).Items.Select(p => p.UserId)];

    public Task GrantReveal(string user, string organisation) => Desk.Execute($"insert into approvals.user_roles values ('{user}', 'people.reveal', '{organisation}')");

    public async Task<string> Revealed(string user, Guid id, string field, string reason = "核对实名信息") =>
        (await Desk.Get<Reveals>().RevealAsync(As(user), id, new RevealRequest([field], reason), default)).Fields[field] is { ValueKind: JsonValueKind.String } text ? text.GetString()! : throw new InvalidOperationException("No text.");

    /// <summary>Everything that the database holds, as text, by table; bytes in hexadecimal and as UTF-8.</summary>
    public async Task<IReadOnlyDictionary<string, string>> DumpAsync()
    {
        var tables = new List<string>();
        await using (var command = Desk.Database.CreateCommand("select format('%I.%I', table_schema, table_name) from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'"))
        await using (var reader = await command.ExecuteReaderAsync())
            while (await reader.ReadAsync())
                tables.Add(reader.GetString(0));
        var dump = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var table in tables)
            dump[table] = await Desk.Scalar<string>($"select coalesce(string_agg(r::text, E'\\n'), '') from {table} r");
        return dump;
    }

    /// <summary>As text has it, as JSON escapes it, and as bytes are written.</summary>
    public static IEnumerable<string> Spellings(string word) =>
        [word, JsonEncodedText.Encode(word).ToString(), Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(word))];

    public Reencryption Reencryption => Desk.Get<Reencryption>();

    public DataKeys Keys => Desk.Get<DataKeys>();

    public ValueTask DisposeAsync() => Desk.DisposeAsync();
}
