using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Employers.Associations;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Employers.Associations;

/// <summary>People and employers as scenarios of 关联单位 and 解除关联 speak of them. emp-metro is 示例市城市运行集团有限公司.</summary>
internal static class EmploymentDesk
{
    public const string Employer = "emp-metro", Handler = "emp-metro-handler", Second = "emp-metro-reviewer-1", Filed = "political-work-title";

    public static readonly EmployeeChange Work = new("设备部", "工程师", "2026-09-01", "2029-08-31");

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };
    private static readonly Caller Portal = new("key:portal", null, new HashSet<string>(), null, null, null);

    /// <summary>Both services beside one that needs an employer, at the usual time.</summary>
    public static Task<CaseDesk> OpenAsync() => CaseDesk.OpenAsync(prepare: folder =>
    {
        foreach (var service in (string[])["association", "dissociation"])
            TemporaryFolder.Copy(ServiceFolders.All[service], Path.Combine(Path.GetDirectoryName(folder)!, service));
        // Whoever is new has no profile; that they need one isn't what is told here.
        var file = Path.Combine(folder, "service.json");
        var flagship = JsonNode.Parse(File.ReadAllText(file))!;
        flagship["conditions"] = new JsonObject { ["person"] = new JsonArray("associated") };
        File.WriteAllText(file, flagship.ToJsonString());
    });

    /// <summary>Somebody new, with an account and no employer.</summary>
    public static async Task<string> CitizenAsync(this CaseDesk desk, string id, string name = "高示例")
    {
        await desk.Get<PersonCommands>().RegisterAsync(Portal, new NewPerson(name, Phone: "19900007001", UserId: id), null, default);
        return id;
    }

    /// <summary>Somebody new who works for emp-metro.</summary>
    public static async Task<string> EmployeeAsync(this CaseDesk desk, string id, string name = "高示例")
    {
        await desk.CitizenAsync(id, name);
        var filed = await desk.AskAsync(id);
        await desk.ConfirmAsync(filed);
        return id;
    }

    public static async Task<string> CodeAsync(this CaseDesk desk) => (await desk.Get<AssociationCodes>().ReadAsync(desk.As(Handler).Caller, Employer, default)).Code;

    public static async Task<FiledCase> BeginAsync(this CaseDesk desk, string user, string? code = null)
    {
        var sample = Sample("association", user, "{\"confirmed\":true}");
        var answer = await desk.Get<CaseCommands>().CreateAsync(desk.As(user).Caller, new NewCase { Service = "association", AssociationCode = code ?? await desk.CodeAsync(), Data = sample.Phase1 }, null, default);
        return new FiledCase(desk, answer.InstanceId, sample);
    }

    public static async Task<FiledCase> AskAsync(this CaseDesk desk, string user, string? code = null)
    {
        var filed = await desk.BeginAsync(user, code);
        await filed.Submit();
        return filed;
    }

    public static async Task<DecisionReceipt> ConfirmAsync(this CaseDesk desk, FiledCase filed, EmployeeChange? work = null, string by = Handler)
    {
        var task = (await filed.Waiting()).TaskId;
        return await desk.Get<TaskCommands>().DecideAsync(desk.As(by).Caller, task, Approval(work), null, null, default);
    }

    public static DecideTask Approval(EmployeeChange? work = null) =>
        new() { Outcome = "approve", Data = JsonSerializer.SerializeToElement(work ?? Work, Json) };

    /// <summary>A draft that ends somebody's association; by the person, unless a handler files it.</summary>
    public static async Task<FiledCase> LeavingAsync(this CaseDesk desk, string user, string? by = null, string leftOn = "2026-09-18")
    {
        var sample = Sample("dissociation", by ?? user, $$"""{"leftOn":"{{leftOn}}","reason":"resigned","confirmed":true}""");
        var answer = await desk.Get<CaseCommands>().CreateAsync(desk.As(by ?? user).Caller, new NewCase { Service = "dissociation", ApplicantId = user, Data = sample.Phase1 }, null, default);
        return new FiledCase(desk, answer.InstanceId, sample);
    }

    /// <summary>A draft of the service that needs an employer.</summary>
    public static async Task<FiledCase> DraftTitleAsync(this CaseDesk desk, string user)
    {
        var package = desk.Content.Find(Filed)!;
        var sample = Of(package.Samples.Single(s => s.Applicant == "applicant-li"), user);
        await desk.KeepMaterialsAsync(sample, package);
        var answer = await desk.Get<CaseCommands>().CreateAsync(desk.As(user).Caller, new NewCase { Service = Filed, Data = sample.Phase1 }, null, default);
        return new FiledCase(desk, answer.InstanceId, sample);
    }

    /// <summary>What somebody says of themselves, as somebody else's with files of their own.</summary>
    private static ServiceSample Of(ServiceSample sample, string user)
    {
        if (sample.Applicant == user)
            return sample;
        var (data, own) = (sample.Phase1.GetRawText(), sample.Materials.DistinctBy(m => m.FileId).ToDictionary(m => m.FileId, m => new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{user} {m.FileId}"))[..16]).ToString("D")));
        foreach (var (file, other) in own)
            data = data.Replace($"\"{file}\"", $"\"{other}\"", StringComparison.Ordinal);
        return sample with { Applicant = user, Phase1 = JsonSerializer.Deserialize<JsonElement>(data), Materials = [.. sample.Materials.Select(m => m with { FileId = own[m.FileId] })] };
    }

    public static Task<string> EmployerOfAsync(this CaseDesk desk, string user) => desk.Scalar<string>($"select coalesce(organisation_id, '') from approvals.users where id = '{user}'");

    public static async Task<LeavingView> PreviewAsync(this CaseDesk desk, string user, string by, DateOnly? leftOn = null) =>
        await desk.Get<Leavings>().PreviewAsync(desk.As(by).Caller, await desk.Scalar<Guid>($"select id from approvals.associations where user_id = '{user}' and ended_at is null"), leftOn, default);

    public static Task<EmployeePage> EmployeesAsync(this CaseDesk desk, EmployeeSearch search, string by = Handler) => desk.Get<EmployeeReader>().SearchAsync(desk.As(by).Caller, Employer, search, default);

    /// <summary>The refusal of something, with its code and reason.</summary>
    public static async Task<(string Code, object? Reason)> RefusedAsync(Func<Task> act)
    {
        var refusal = await Assert.ThrowsAsync<WorkflowException>(act);
        Assert.NotEmpty(refusal.MessageZh);
        return (refusal.Code, refusal.Facts.GetValueOrDefault("reason") ?? (refusal.Facts.GetValueOrDefault("reasons") as IReadOnlyList<FilingReason>)?[0].Code);
    }

    private static ServiceSample Sample(string name, string user, string data) =>
        new() { Name = name, Zh = name, En = name, Applicant = user, Course = "completed", Phase1 = JsonSerializer.Deserialize<JsonElement>(data) };
}
