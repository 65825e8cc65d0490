using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.Materials.Samples;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Messages.Channels;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Runtime;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Events;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;
using Talent.Workflows.Runtime.Storage;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Tests.Cases;

/// <summary>A node with one service and the shipped directory on a database of its own, and a clock that the test advances.</summary>
internal sealed class CaseDesk : IAsyncDisposable
{
    public static readonly Actor Importer = new("test-import");

    private readonly TestDatabase db;
    private readonly IHost host;
    private readonly string content;

    private CaseDesk(TestDatabase db, IHost host, ManualTime time, string content, ConcurrentQueue<Message> sent) =>
        (this.db, this.host, Time, this.content, Sent) = (db, host, time, content, sent);

    public ManualTime Time { get; }

    /// <summary>What went out by SMS and e-mail.</summary>
    public ConcurrentQueue<Message> Sent { get; }

    /// <summary>Channels that refuse every message for good, with the reason.</summary>
    public required ConcurrentDictionary<string, string> Refusals { get; init; }

    /// <summary>Channels that aren't set up.</summary>
    public required ConcurrentDictionary<string, bool> Missing { get; init; }

    public NpgsqlDataSource Database => db.DataSource;
    public string ConnectionString => db.ConnectionString;
    public string DataDir => Path.Combine(content, ".data");
    public ApprovalContent Content => Get<ApprovalContent>();
    public ServiceSample Li => Content.Services.Single().Samples.Single(s => s.Applicant == "applicant-li");
    public DateTimeOffset Now => Get<BusinessClock>().Now;

    /// <summary>The id of the one service.</summary>
    public string Service => Content.Services.Single().Service.Id;

    /// <summary>Opens on Monday 2026-09-21 at 09:00, or another local time.</summary>
    /// <param name="prepare">Changes the service's files, given their folder.</param>
    /// <param name="more">Adds what the host would add.</param>
    /// <param name="profiles">Whether the applicants of the samples have the profiles that the samples give them.</param>
    public static Task<CaseDesk> OpenAsync(string? definition = null, Action<string>? prepare = null, Action<IServiceCollection>? more = null, string at = Opening, bool profiles = true) =>
        OpenFolderAsync(Path.Combine(ShippedContent.Workflows, "political-work-title"), folder =>
        {
            File.WriteAllText(Path.Combine(folder, "definition.json"), definition ?? ReviewFlow.Definition());
            prepare?.Invoke(folder);
        }, more, at, profiles);

    /// <summary>Opens with a service as its files say, at the same time.</summary>
    public static Task<CaseDesk> OpenServiceAsync(string folder, Action<IServiceCollection>? more = null) => OpenFolderAsync(folder, _ => { }, more, Opening);

    private const string Opening = "2026-09-21 09:00";

    /// <summary>Opens on a database that is there already, and disposes of it in the end.</summary>
    public static Task<CaseDesk> OpenOnAsync(TestDatabase db) =>
        OpenFolderAsync(Path.Combine(ShippedContent.Workflows, "political-work-title"), folder => File.WriteAllText(Path.Combine(folder, "definition.json"), ReviewFlow.Definition()), null, Opening, db: db);

    private static async Task<CaseDesk> OpenFolderAsync(string service, Action<string> prepare, Action<IServiceCollection>? more, string at, bool profiles = true, TestDatabase? db = null)
    {
        db ??= await TestDatabase.CreateAsync(typeof(Migrator).Assembly, typeof(CaseCommands).Assembly);
        var content = Directory.CreateTempSubdirectory("talent-desk-").FullName;
        foreach (var part in (string[])["calendars", "shared"])
            TemporaryFolder.Copy(Path.Combine(ShippedContent.Workflows, part), Path.Combine(content, part));
        var folder = Path.Combine(content, Path.GetFileName(service));
        TemporaryFolder.Copy(service, folder);
        prepare(folder);
        var time = new ManualTime(Local(at));
        var sent = new ConcurrentQueue<Message>();
        var refusals = new ConcurrentDictionary<string, string>();
        var missing = new ConcurrentDictionary<string, bool>();
        var desk = new CaseDesk(db, Node(db, time, content, sent, refusals, missing, more), time, content, sent) { Refusals = refusals, Missing = missing };
        desk.Get<Cursors>().Use(new byte[32]);
        // Without its districts: there are scenarios in which everybody of a small pool has to be asked.
        foreach (var directory in desk.Content.Directories.Where(d => d.File != "sample-districts.json"))
            await desk.Get<DirectoryImport>().ImportAsync(directory, Importer, default);
        if (profiles)
            await desk.Get<SampleProfiles>().ImportAsync(Importer, default);
        foreach (var package in desk.Content.Services)
            await desk.Get<DefinitionStore>().ImportAsync(package.Definition, publish: true, Importer, default);
        return desk;
    }

    /// <summary>Another node on the same database, with content of its own.</summary>
    /// <param name="prepare">Changes its files, given the folder that the services are in.</param>
    public async Task<IHost> AnotherAsync(Action<string> prepare)
    {
        var folder = Directory.CreateDirectory(Path.Combine(content, $"node-{Guid.NewGuid():N}")).FullName;
        foreach (var part in (string[])["calendars", "shared", Service])
            TemporaryFolder.Copy(Path.Combine(content, part), Path.Combine(folder, part));
        prepare(folder);
        var node = Node(db, Time, folder, Sent, Refusals, Missing);
        await node.Services.GetRequiredService<NodeService>().FollowAsync(default);
        return node;
    }

    private static IHost Node(TestDatabase db, ManualTime time, string content, ConcurrentQueue<Message> sent, ConcurrentDictionary<string, string> refusals, ConcurrentDictionary<string, bool> missing,
        Action<IServiceCollection>? more = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Runtime:UseQuartz"] = "false", ["Talent:ContentDir"] = content, ["Talent:DataDir"] = Path.Combine(content, ".data"),
            ["Talent:MasterKey"] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        });
        builder.Services.AddLogging();
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(db.ConnectionString));
        foreach (var channel in (string[])["sms", "email"])
            builder.Services.AddSingleton<IMessageChannel>(new DeskChannel(channel, sent, refusals, missing));
        builder.Services.AddSingleton<IMessageChannel>(s => new InAppChannel(s.GetRequiredService<NpgsqlDataSource>(), s.GetRequiredService<BusinessClock>()));
        builder.AddApprovals();
        builder.AddWorkflowRuntime();
        more?.Invoke(builder.Services);
        return builder.Build();
    }

    public T Get<T>() where T : notnull => host.Services.GetRequiredService<T>();

    public static DateTimeOffset Local(string text) => new DateTimeOffset(DateTime.Parse(text, CultureInfo.InvariantCulture), TimeSpan.FromHours(8)).ToUniversalTime();

    public Person As(string user) => new(this, new Caller("key:test", user, new HashSet<string>(), null, null, null));

    /// <summary>A draft with the sample's data, filed by its applicant.</summary>
    public async Task<FiledCase> DraftAsync(ServiceSample? sample = null)
    {
        sample ??= Li;
        await KeepMaterialsAsync(sample);
        var answer = await Get<CaseCommands>().CreateAsync(As(sample.Applicant).Caller, new NewCase { Service = Service, Data = sample.Phase1 }, null, default);
        return new FiledCase(this, answer.InstanceId, sample);
    }

    /// <summary>The sample's materials in its applicant's library, as rows: no test opens these files.</summary>
    /// <param name="package">The service; null: the only one.</param>
    public Task KeepMaterialsAsync(ServiceSample sample, ServicePackage? package = null)
    {
        var materials = SampleMaterials.Of(package ?? Content.Services.Single(), sample);
        return SampleMaterials.RecordAsync(Database, materials, materials.DistinctBy(m => m.Hash).ToDictionary(m => m.Hash, m => $"rows/{m.Hash}"), Get<BusinessClock>(), default);
    }

    public async Task<FiledCase> SubmittedAsync(ServiceSample? sample = null)
    {
        var filed = await DraftAsync(sample);
        await filed.Submit();
        return filed;
    }

    /// <summary>Time passes to a local instant, due time by due time, and messages go out.</summary>
    public Task AdvanceTo(string local) => Get<ClockControl>().AdvanceToAsync(Local(local), default);

    /// <summary>The server is down until then: time passes and nothing is handled; then it comes up.</summary>
    public async Task DownUntil(string local)
    {
        Time.SetTo(Local(local));
        await Get<TimerService>().RunDueAsync(default);
        await Deliver();
    }

    public Task Deliver() => Get<OutboxWorker>().DrainAsync(default);

    public async Task<T> Scalar<T>(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task<List<T>> Rows<T>(string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var command = Database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
            rows.Add(read(reader));
        return rows;
    }

    public async Task Execute(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await ((IAsyncDisposable)host).DisposeAsync();
        await db.DisposeAsync();
        Directory.Delete(content, recursive: true);
    }
}

/// <summary>Takes messages as a provider would.</summary>
internal sealed class DeskChannel(string name, ConcurrentQueue<Message> sent, ConcurrentDictionary<string, string> refusals, ConcurrentDictionary<string, bool> missing) : IMessageChannel
{
    public string Name => name;

    public Task<DeliveryResult> SendAsync(Message message, CancellationToken cancellationToken)
    {
        if (missing.ContainsKey(name))
            return Task.FromResult<DeliveryResult>(new DeliveryResult.Waiting("not set up", TimeSpan.FromMinutes(5)));
        if (refusals.TryGetValue(name, out var reason))
            return Task.FromResult<DeliveryResult>(new DeliveryResult.Dead(reason));
        sent.Enqueue(message);
        return Task.FromResult<DeliveryResult>(new DeliveryResult.Sent(message.Id));
    }
}

/// <summary>Somebody who acts.</summary>
internal sealed record Person(CaseDesk Desk, Caller Caller)
{
    public Task<DecisionReceipt> Approve(FiledCase filed, string? opinion = "同意") => Decide(filed, "approve", opinion);

    public Task<DecisionReceipt> Return(FiledCase filed, string opinion) => Decide(filed, "return", opinion);

    public Task<DecisionReceipt> Reject(FiledCase filed, string opinion) => Decide(filed, "reject", opinion);

    public async Task<DecisionReceipt> Decide(FiledCase filed, string outcome, string? opinion) => await Decide((await filed.Waiting()).TaskId, outcome, opinion);

    public Task<DecisionReceipt> Decide(Guid task, string outcome, string? opinion, string? returnTo = null) =>
        Desk.Get<TaskCommands>().DecideAsync(Caller, task, outcome, opinion, null, null, default, returnTo);

    public async Task<IReadOnlyList<TaskView>> Inbox(string scope) => (await Desk.Get<TaskReader>().ListAsync(Caller, scope, null, 50, default)).Items;
}

/// <summary>A case as a scenario speaks of it.</summary>
internal sealed record FiledCase(CaseDesk Desk, Guid Id, ServiceSample Sample)
{
    public Person Applicant => Desk.As(Sample.Applicant);

    /// <summary>Confirms what has to be confirmed, and hands in.</summary>
    public async Task Submit()
    {
        foreach (var open in (await Desk.Get<FilingReader>().ConfirmationsAsync(Applicant.Caller, Id, default)).View.Where(c => c.ConfirmedAt is null))
            await Desk.Get<FilingCommands>().ConfirmAsync(Applicant.Caller, Id, open.Key, null, null, null, default);
        await HandIn();
    }

    /// <summary>Hands in, whatever is confirmed.</summary>
    public async Task HandIn() => await Desk.Get<CaseCommands>().SubmitAsync(Applicant.Caller, Id, null, null, default);

    public async Task Withdraw(string reason = "改变计划") => await Desk.Get<CaseCommands>().WithdrawAsync(Applicant.Caller, Id, reason, null, null, default);

    public async Task Supplement(JsonElement data = default, string? note = null) => await Desk.Get<CaseCommands>().SupplementAsync(Applicant.Caller, Id, data, note, null, null, default);

    public Task<CaseView> Read(Person? reader = null) => Desk.Get<CaseReader>().ReadAsync((reader ?? Applicant).Caller, Id, default);

    public Task<IReadOnlyList<HistoryEntry>> History() => Desk.Get<CaseReader>().HistoryAsync(Applicant.Caller, Id, default);

    /// <summary>The one stage that the case waits in.</summary>
    public async Task<CaseStage> Waiting() => Assert.Single((await Read()).Stages);

    public async Task<string> Status() => (await Read()).Status.Zh;

    /// <summary>What was sent about the case: "event → user", each once.</summary>
    public async Task<IReadOnlyList<string>> Told()
    {
        await Desk.Deliver();
        var messages = await Desk.Get<MessageReader>().ListAsync(Id, default);
        Assert.DoesNotContain(messages, m => m.State is "dead" or "failed");
        return [.. messages.Select(m => $"{m.Event} → {m.Recipient.Id}").Distinct()];
    }
}
