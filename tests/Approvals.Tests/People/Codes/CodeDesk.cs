using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Messages.Channels;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime;
using Talent.Workflows.Runtime.Outbox;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Tests.People.Codes;

/// <summary>Nodes that send verification codes: one database, one key file, a clock that the test advances.</summary>
internal sealed class CodeDesk : IAsyncDisposable
{
    public const string Answer = "ACE79";

    private readonly TestDatabase db;
    private readonly TemporaryFolder folder = new();
    private readonly (string Name, string Value)[] settings;
    private readonly List<CodeNode> nodes = [];

    private CodeDesk(TestDatabase db, (string, string)[] settings) => (this.db, this.settings) = (db, settings);

    public ManualTime Time { get; } = new(CaseDesk.Local("2026-09-21 09:00"));
    public ConcurrentQueue<Message> Sent { get; } = new();
    public ConcurrentDictionary<string, string> Refusals { get; } = new();
    public ConcurrentDictionary<string, bool> Missing { get; } = new();

    /// <summary>The first node.</summary>
    public CodeNode Node => nodes[0];

    /// <param name="settings">Of section <c>Talent:Codes</c>.</param>
    public static async Task<CodeDesk> OpenAsync(params (string Name, string Value)[] settings)
    {
        var desk = new CodeDesk(await TestDatabase.CreateAsync(typeof(Migrator).Assembly, typeof(CaseCommands).Assembly), settings);
        desk.Open();
        return desk;
    }

    /// <summary>One more node, with connections of its own.</summary>
    /// <param name="data">Its data folder; null: the one that all share.</param>
    public CodeNode Open(string? data = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create<string, string?>($"{CodeOptions.Section}:{s.Name}", s.Value)).Concat(
            [new("Runtime:UseQuartz", "false"), new("Talent:ContentDir", ShippedContent.Workflows), new("Talent:DataDir", data is null ? folder.Path : Path.Combine(folder.Path, data))]));
        builder.Services.AddLogging();
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(db.ConnectionString));
        builder.Services.AddSingleton<IMessageChannel>(new DeskChannel("sms", Sent, Refusals, Missing));
        builder.AddApprovals();
        builder.AddWorkflowRuntime();
        var node = new CodeNode(this, builder.Build());
        nodes.Add(node);
        return node;
    }

    public void Pass(TimeSpan time) => Time.SetTo(Time.GetUtcNow() + time);

    /// <summary>What the last SMS to a telephone says.</summary>
    public string CodeTo(string phone) => Sent.Last(m => m.To == phone).Params["code"];

    /// <summary>A code that isn't this one.</summary>
    public static string Other(string code) => code == "000000" ? "000001" : "000000";

    public async Task<T> Scalar<T>(string sql, params object[] parameters)
    {
        await using var command = db.DataSource.CreateCommand(sql);
        foreach (var value in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
        await db.DisposeAsync();
        folder.Dispose();
    }
}

/// <summary>One node.</summary>
internal sealed class CodeNode(CodeDesk desk, IHost host) : IAsyncDisposable
{
    public VerificationCodes Codes => host.Services.GetRequiredService<VerificationCodes>();
    public CodeKey Key => host.Services.GetRequiredService<CodeKey>();

    public Task Deliver() => host.Services.GetRequiredService<OutboxWorker>().DrainAsync(default);

    public Task<IReadOnlyList<FailedMessage>> Failed() => host.Services.GetRequiredService<DeadLetters>().ListAsync(deadOnly: false, 0, 100, default);

    /// <summary>A challenge whose image shows <see cref="CodeDesk.Answer"/>, as far as the database knows.</summary>
    public async Task<Guid> ChallengeAsync(string? address = null)
    {
        var made = await Codes.ChallengeAsync(address is null ? null : IPAddress.Parse(address), default);
        Assert.Equal(1L, await desk.Scalar<long>("with done as (update approvals.code_challenges set answer = $2 where id = $1 returning 1) select count(*) from done", made.Id, Key.Answer(made.Id, CodeDesk.Answer)));
        return made.Id;
    }

    public Task<IssuedCode> IssueAsync(Guid challenge, string phone, string? address = null, CodePurpose? purpose = null, string? answer = null) =>
        Codes.IssueAsync(challenge, answer ?? CodeDesk.Answer, PhoneOf(phone), purpose ?? CodePurpose.Login, "zh-CN", address is null ? null : IPAddress.Parse(address), default);

    public async Task<IssuedCode> SendAsync(string phone, string? address = null, CodePurpose? purpose = null) => await IssueAsync(await ChallengeAsync(address), phone, address, purpose);

    /// <summary><c>passed</c>, or the fault.</summary>
    public async Task<string> CheckAsync(Guid id, string phone, string code, CodePurpose? purpose = null, Runtime.Instances.Idempotency? receipt = null) =>
        await FaultOf(() => Codes.CheckAsync(id, PhoneOf(phone), purpose ?? CodePurpose.Login, code, receipt, default)) ?? "passed";

    /// <summary>The fault that a call was refused with, or the limit that it met; null: it wasn't refused.</summary>
    public static async Task<string?> FaultOf(Func<Task> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (WorkflowException e) when (e.Code is ErrorCodes.InvalidForm or ErrorCodes.RateLimited)
        {
            Assert.NotEmpty(e.MessageZh);
            return (string)e.Facts[e.Code == ErrorCodes.InvalidForm ? "fault" : "limit"]!;
        }
    }

    public ValueTask DisposeAsync() => ((IAsyncDisposable)host).DisposeAsync();

    private static PhoneNumber PhoneOf(string text) => PhoneNumber.TryParse(text, out var phone, out _) ? phone : throw new ArgumentException("Not a phone number.", nameof(text));
}
