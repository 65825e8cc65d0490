using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Materials;

/// <summary>Why something with a material was refused.</summary>
internal static class MaterialRefusal
{
    public static WorkflowException Of(InputFault fault) => new(ErrorCodes.InvalidForm, fault.En, $"{fault.Zh}。")
    { Facts = new Dictionary<string, object?> { ["errors"] = new[] { fault } } };

    public static WorkflowException NotFound(Guid id) => new(ErrorCodes.NotFound, $"There is no material {id} that the acting user may see. Check the id.", "没有该材料，或您无权查看。");

    public static WorkflowException TooLarge(long mostBytes) => new(ErrorCodes.TooLarge,
        $"The file is larger than {mostBytes >> 20} MiB. Scan it again with a lower resolution, or split it.", $"文件超过{mostBytes >> 20}MB，请降低扫描分辨率或拆分后上传。")
    { Facts = new Dictionary<string, object?> { ["maxBytes"] = mostBytes } };

    public static WorkflowException Busy() => new(ErrorCodes.Busy, "This server takes as many uploads as it can at the moment. Send the file again in a few seconds.", "当前上传人数较多，请稍后重试。")
    { Facts = new Dictionary<string, object?> { ["retryAfterSeconds"] = 5 } };

    public static WorkflowException Slow(int minutes) => new(ErrorCodes.InvalidRequest, $"The upload took longer than {minutes} minutes. Send the file again over a better connection.", $"上传超过{minutes}分钟未完成，请在网络较好时重新上传。");

    public static WorkflowException Full(int most) => new(ErrorCodes.Conflict, $"The library holds {most} materials already. Delete some that aren't needed.", $"附件库已有{most}份材料，请先删除不需要的材料。");

    public static WorkflowException Found() => new(ErrorCodes.WrongState, "The virus scan found something in this file. Nobody gets it; delete it and upload a clean one.", "该文件未通过病毒扫描，不能使用，请删除后重新上传安全的文件。");

    public static WorkflowException Unscanned() => new(ErrorCodes.WrongState, "The file hasn't been scanned for viruses yet. Fetch it again in a moment.", "该文件尚未完成病毒扫描，请稍后再试。");

    public static WorkflowException NoPicture() => new(ErrorCodes.InvalidRequest, "This material is no picture: only JPEG and PNG have thumbnails. Fetch its content.", "该材料不是图片，没有缩略图，请直接查看文件。");

    public static WorkflowException NoThumbnails() => new(ErrorCodes.Unavailable, "This node makes no thumbnails: install GraphicsMagick, or name it in Talent__Materials__ThumbnailCommand. The file itself can be fetched.", "缩略图暂不可用，请直接查看文件。");

    public static WorkflowException Undecodable() => new(ErrorCodes.WrongState, "No thumbnail of this picture can be made: it is too large or damaged. Fetch its content.", "图片过大或已损坏，无法生成缩略图，请直接查看文件。");

    public static WorkflowException Lost(Guid id) => new(ErrorCodes.Unavailable, $"The file of material {id} isn't in this node's folder. Give all nodes the same Talent__Materials__Folder, or restore it from the backup.", "文件暂时无法读取，请联系管理员。");
}
