using Microsoft.Extensions.Options;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.Integrations.Recognition;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Standing;

/// <summary>
/// Talent.RecogniseLicence: has a business licence of the employer's library read (营业执照识别). Leaves by <c>Recognised</c>, or by
/// <c>Unreadable</c>: there is no such picture, or name and code can't be read on it. What was read is a suggestion, kept beside the case
/// (<see cref="LicenceRecognitions"/>); none of it enters the workflow.
/// </summary>
/// <remarks>Source: R-EMP-2, R-INT-4, S5.</remarks>
public sealed class RecogniseLicence : OutsideActivity
{
    public const string TypeName = "Talent.RecogniseLicence";
    public const string Recognised = "Recognised", Unreadable = "Unreadable";

    private static readonly Input<string> LicenceFrom = new("licenceFrom", "营业执照来源 Licence from", "data.字段，填写单位附件库中营业执照图片的编号。") { Default = "data.licence" };

    public override ActivityDescriptor Descriptor { get; } = new(TypeName, "Talent", "营业执照识别 Recognise Licence", "识别单位附件库中的营业执照图片，结果仅供经办人核对；对方服务不可用时等待，恢复后自动继续。Reads the licence; waits while the service is down.")
        { Inputs = [LicenceFrom], Outcomes = [Recognised, Unreadable], Waits = true };

    protected override string Work => LicenceCalls.WorkKind;

    protected override Worded Service { get; } = new("recognition", "营业执照识别", "licence recognition");

    protected override IReadOnlyDictionary<string, string> Sources(ActivityContext context) => new Dictionary<string, string> { [LicenceCalls.Licence] = context.Get(LicenceFrom)! };
}

/// <summary>Asks for <see cref="RecogniseLicence"/>.</summary>
public sealed class LicenceCalls(IEnumerable<IDocumentRecognition> recognition, LicenceRecognitions recognitions, MaterialStore store, IOptions<MaterialOptions> options, WorkflowRuntime runtime, NpgsqlDataSource database, CaseVault vault)
    : OutsideCalls(runtime, database, vault)
{
    public const string WorkKind = KindPrefix + "licence";

    internal const string Licence = "licence";

    private static readonly TimeSpan Scanning = TimeSpan.FromMinutes(1);

    private readonly IDocumentRecognition? office = recognition.FirstOrDefault();

    public override string Kind => WorkKind;

    protected override async Task<OutsideAnswer<OutsideOutcome>?> AskAsync(Guid caseId, string id, IReadOnlyDictionary<string, string?> values, CancellationToken cancellationToken)
    {
        var image = Guid.TryParse(values[Licence], out var material) ? await recognitions.ImageAsync(caseId, material, cancellationToken) : null;
        if (image is null || !FileKinds.IsImage(image.Kind) || image.Size > IDocumentRecognition.Largest || image.Scan == "found")
            return await UnreadAsync(LicenceFaults.NoImage);
        if (options.Value.Scans && image.Scan != "clean")
            return new OutsideAnswer<OutsideOutcome>.Unavailable("the picture hasn't been scanned for viruses yet", Scanning);
        if (office is null)
            return null;
        await using var content = store.Open(image.Place);
        if (content is null)
            return new OutsideAnswer<OutsideOutcome>.Unavailable($"the content of material {material} isn't in the store");
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, cancellationToken);
        return await office.RecogniseAsync(id, DocumentKinds.BusinessLicence, bytes.ToArray(), image.Kind == "png" ? "image/png" : "image/jpeg", 0, cancellationToken) switch
        {
            OutsideAnswer<RecognisedDocument>.Answered(var document) => await ReadAsync(document),
            // The picture isn't one that the service takes: the handler fills in what it says, and it is reviewed.
            OutsideAnswer<RecognisedDocument>.Refused => await UnreadAsync(LicenceFaults.Refused),
            OutsideAnswer<RecognisedDocument>.Unavailable(var why, var after) => new OutsideAnswer<OutsideOutcome>.Unavailable(why, after),
            var other => throw new InvalidOperationException($"Unknown result {other.GetType().Name}."),
        };

        async Task<OutsideAnswer<OutsideOutcome>> ReadAsync(RecognisedDocument document)
        {
            var (name, code) = (Field(document, "unitName"), Field(document, "creditCode"));
            if (name is null || code is null)
                return await UnreadAsync(LicenceFaults.NotRead);
            await recognitions.KeepAsync(caseId, material, image.Hash, name, code, null, cancellationToken);
            return new OutsideAnswer<OutsideOutcome>.Answered(new OutsideOutcome(RecogniseLicence.Recognised));
        }

        async Task<OutsideAnswer<OutsideOutcome>> UnreadAsync(string fault)
        {
            await recognitions.KeepAsync(caseId, image is null ? null : material, image?.Hash, null, null, fault, cancellationToken);
            return new OutsideAnswer<OutsideOutcome>.Answered(new OutsideOutcome(RecogniseLicence.Unreadable));
        }
    }

    private static string? Field(RecognisedDocument document, string name) =>
        document.Fields.FirstOrDefault(f => f.Name == name)?.Value.Trim() is { Length: > 0 and <= LicenceRecognitions.LongestValue } value && !value.Contains('\0') ? value : null;
}
