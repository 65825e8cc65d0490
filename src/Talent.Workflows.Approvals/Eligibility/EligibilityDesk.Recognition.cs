using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.Integrations.Recognition;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Eligibility;

public sealed partial class EligibilityDesk
{
    /// <summary>Has a picture of the applicant's library read as one of the service's materials: what it says of facts goes in as suggestions, never before what they said or an office found.</summary>
    /// <returns>The session; a material that was read before is as it is read now.</returns>
    /// <exception cref="WorkflowException"><c>not_found</c>: session, slot or material; <c>forbidden</c>; <c>invalid_request</c>: the turn, nothing that is read, no picture that the service takes, or somebody else's certificate;
    /// <c>rate_limited</c>, <c>unavailable</c>: the service is out of reach, or the picture isn't scanned yet; <c>precondition_failed</c>, <c>busy</c>.</exception>
    public async Task<EligibilitySessionView> RecogniseAsync(Caller caller, Guid id, AskRecognition request, long? ifVersion, CancellationToken cancellationToken)
    {
        var (row, package) = await LoadAsync(caller, id, cancellationToken);
        RequireVersion(row, ifVersion);
        var slots = package.Materials.Slots.Where(s => s is { Group: null, Material.Recognise: not null }).ToArray();
        var slot = slots.FirstOrDefault(s => s.Key == request.Slot) ?? throw FilingRefusal.NoSlot(request.Slot ?? "", slots.Select(s => s.Key));
        if (!Rotations.All.Contains(request.Rotate))
            throw FilingRefusal.Rotation(request.Rotate);
        var material = request.Material ?? Guid.Empty;
        var file = (await carrier.FindAsync(caller, row.User, null, [material], cancellationToken)).GetValueOrDefault(material) ?? throw FilingRefusal.NoMaterial(material);
        if (!FileKinds.IsImage(file.Kind) || file.Size > IDocumentRecognition.Largest)
            throw FilingRefusal.NothingToRecognise(slot.Material.Zh, slot.Material.En);
        if (carrier.Scans && file.Scan != "clean")
            throw new WorkflowException(ErrorCodes.Unavailable, "The picture hasn't been scanned for viruses yet. Try again in a moment.", "附件尚未完成病毒扫描，请稍后再试。");
        await PersonLimits.TakeAsync(database, read, PersonLimits.Key(read, Encoding.UTF8.GetBytes(row.User)), store.Counted, cancellationToken);
        var recognition = new SessionRecognition(slot.Key, material, slot.Material.Recognise!.Kind, await ReadAsync(id, slot, material, file, request.Rotate, cancellationToken));
        await RequireOwnAsync(row.User, recognition.Document, cancellationToken);
        return await ChangeAsync(caller, id, ifVersion, (now, _) => now.Data with { Recognitions = [.. now.Data.Recognitions.Where(r => r.Slot != slot.Key), recognition] }, cancellationToken);
    }

    private async Task<RecognisedDocument> ReadAsync(Guid session, MaterialSlot slot, Guid material, LibraryFile file, int rotation, CancellationToken cancellationToken)
    {
        var kind = slot.Material.Recognise!.Kind;
        var question = string.Create(CultureInfo.InvariantCulture, $"{session:N}\n{kind}\n{material:N}\n{rotation}");
        if (reader is null || await files.ReadAsync(database, file.Hash, cancellationToken) is not { } bytes)
            throw OutOfReach();
        return await reader.RecogniseAsync(new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(question))[..16]).ToString("N"), kind, bytes, FileKinds.MediaType(file.Kind), rotation, cancellationToken) switch
        {
            OutsideAnswer<RecognisedDocument>.Answered(var document) => document,
            OutsideAnswer<RecognisedDocument>.Refused => throw FilingRefusal.NothingToRecognise(slot.Material.Zh, slot.Material.En),
            _ => throw OutOfReach(),
        };
    }

    /// <summary>A certificate that names another says nothing of the applicant.</summary>
    private async Task RequireOwnAsync(string user, RecognisedDocument document, CancellationToken cancellationToken)
    {
        var name = document.Fields.FirstOrDefault(f => f.Name == "name")?.Value.Trim();
        if (!string.IsNullOrEmpty(name) && (await directory.FindUserAsync(user, cancellationToken))?.Name != name)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "The name on the certificate isn't the applicant's. Choose another picture, or say what it says yourself.", "证书上的姓名与本人不一致，请更换图片或自行填写。")
            { Facts = new Dictionary<string, object?> { ["reason"] = "other_name" } };
    }

    private static WorkflowException OutOfReach() =>
        new(ErrorCodes.Unavailable, "Documents can't be recognised now: try again later, or say what the certificate says; nothing is lost.", "证照识别暂时无法使用，请稍后再试或自行填写；已填写的内容已保存。");
}
