using Talent.Workflows.Approvals.Employers;
using System.Text.Json;
using Talent.Workflows.Approvals.Employers.Handlers;
using Talent.Workflows.Approvals.Employers.Profiles;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Profiles;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Materials;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Tests.Employers;

/// <summary>Employers of the sample city, with their libraries. Numbers are nobody's.</summary>
internal sealed class EmployerDesk : IAsyncDisposable
{
    public const string Metro = "emp-metro";
    public const string EmergencyPhone = "19900008811";
    public const string Representative = "孔样板";

    private EmployerDesk(MaterialDesk files)
    {
        Files = files;
        var store = new EmployerStore(Desk.Database, Desk.Get<ContactBook>(), files.Options, Desk.Get<BusinessClock>());
        Reader = new EmployerReader(Desk.Database, store, Desk.Get<DataKeys>(), Desk.Content, Desk.Get<BusinessClock>());
        Commands = new EmployerCommands(Desk.Database, store, Reader, Desk.Get<DataKeys>(), Desk.Get<BusinessClock>());
    }

    public MaterialDesk Files { get; }
    public CaseDesk Desk => Files.Desk;
    public EmployerReader Reader { get; }
    public EmployerCommands Commands { get; }
    public HandlerCommands Handlers => Desk.Get<HandlerCommands>();
    public Caller Handler => As("emp-metro-handler");

    /// <param name="scanner">Whether files have to be scanned: <c>off</c> or a command.</param>
    public static async Task<EmployerDesk> OpenAsync(string scanner = "off") => new(await MaterialDesk.OpenAsync(o => o.Scanner = scanner));

    public Caller As(string user) => Desk.As(user).Caller;

    public static readonly string[] Steps = ["general", "qualifications", "contacts"];

    public static JsonElement Of(string step) => JsonDocument.Parse(step switch
    {
        "general" => $$"""
            {"unitType":"enterprise","officeAddress":"示例市城东区样板路八号","registeredDistrict":"119901","taxDistrict":"119902","industry":"software","legalRepresentative":"{{Representative}}","foundedOn":"2008-05-12","employees":320}
            """,
        "qualifications" => """
            {"highTech":true,"highTechNumber":"GR202611000001","highTechUntil":"2026-12-31","specialised":false,"regionalHeadquarters":false,"foreignInvested":false,"servicePackage":false}
            """,
        "contacts" => $$"""{"handlerDepartment":"人力资源部","emergencyContact":"严示例","emergencyPhone":"{{EmergencyPhone}}"}""",
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "No such step."),
    }).RootElement;

    public Task Save(string step, JsonElement? data = null, Caller? caller = null, long? ifVersion = null) => Commands.SaveStepAsync(caller ?? Handler, Metro, step, data ?? Of(step), ifVersion, default);

    /// <summary>All steps, and the two materials that they ask for.</summary>
    public async Task FillAsync()
    {
        foreach (var step in Steps)
            await Save(step);
        await Files.Keep(Handler, "营业执照", SampleFiles.Png(), MaterialDesk.Metro);
        await Files.Keep(Handler, "2026年高新技术企业证书扫描件", SampleFiles.Pdf("high-tech"), MaterialDesk.Metro);
    }

    public Task<EmployerView> Read(Caller? caller = null) => Reader.ReadAsync(caller ?? Handler, Metro, default);

    public async Task<string[]> Gaps() => [.. (await Reader.GapsAsync(Metro, default)).Select(Word)];

    public static string Word(ProfileGap gap) => $"{gap.Step}/{gap.Field}/{gap.Code}";

    public static async Task<WorkflowException> Refused(Func<Task> act)
    {
        var refusal = await Assert.ThrowsAsync<WorkflowException>(act);
        Assert.NotEqual(refusal.Message, refusal.MessageZh);
        return refusal;
    }

    public ValueTask DisposeAsync() => Files.DisposeAsync();
}
