using System.Collections.Frozen;
using Talent.Workflows.Engine;
using Talent.Workflows.Server.Security;

namespace Talent.Workflows.Server.Api;

/// <summary>The one place that says how each code is answered: the status and a title in both languages.</summary>
public static class ProblemCatalogue
{
    public const string Internal = "internal_error";
    public const string MethodNotAllowed = "method_not_allowed";
    public const string Stopping = "stopping";

    /// <summary>Every code that the API answers with.</summary>
    public static FrozenDictionary<string, ProblemKind> All { get; } = new ProblemKind[]
    {
        new(ErrorCodes.InvalidRequest, 400, "请求格式有误", "The request is malformed"),
        new(ErrorCodes.IdempotencyKeyRequired, 400, "缺少幂等键", "An idempotency key is required"),
        new(ErrorCodes.Unauthorized, 401, "未提供凭证", "No credential"),
        new(KeyErrors.Unknown, 401, "密钥无效", "Unknown key"),
        new(KeyErrors.Revoked, 401, "密钥已撤销", "Key revoked"),
        new(ErrorCodes.KeyExpired, 401, "密钥已过期", "Key expired"),
        new(ErrorCodes.Forbidden, 403, "无权办理", "Not allowed"),
        new(ErrorCodes.UnknownUser, 403, "操作用户无效", "Unknown acting user"),
        new(KeyErrors.OutOfScope, 403, "密钥权限不足", "Key lacks the scope"),
        new(KeyErrors.UserNotAllowed, 403, "密钥不能代表该经办人", "Key may not act for this user"),
        new(ErrorCodes.NotFound, 404, "未找到", "Not found"),
        new(MethodNotAllowed, 405, "不支持的操作", "Method not allowed"),
        new(ErrorCodes.TaskClosed, 409, "待办已办结", "Task closed"),
        new(ErrorCodes.BookmarkGone, 409, "事项已处理", "Already handled"),
        new(ErrorCodes.NotExpected, 409, "流程不接收此信号", "Signal not expected"),
        new(ErrorCodes.Conflict, 409, "状态冲突", "Conflict"),
        new(ErrorCodes.WrongState, 409, "当前状态不允许", "Wrong state"),
        new(ErrorCodes.FilingRefused, 409, "暂不能申报", "Can't be filed now"),
        new(ErrorCodes.FormChanged, 409, "申报表单已更新", "The form has changed"),
        new(ErrorCodes.NotPublished, 409, "流程未发布", "Not published"),
        new(ErrorCodes.IdempotencyInFlight, 409, "相同请求正在处理", "The same request is in flight"),
        new(ErrorCodes.PreconditionFailed, 412, "数据已更新", "Precondition failed"),
        new(ErrorCodes.TooLarge, 413, "内容过大", "Too large"),
        new(ErrorCodes.UnsupportedMediaType, 415, "不支持的内容类型", "Unsupported media type"),
        new(ErrorCodes.InvalidDefinition, 422, "流程定义有误", "Invalid definition"),
        new(ErrorCodes.InvalidForm, 422, "填写内容有误", "Invalid form data"),
        new(ErrorCodes.InvalidInput, 422, "输入有误", "Invalid input"),
        new(ErrorCodes.UnknownActivity, 422, "未知活动", "Unknown activity"),
        new(ErrorCodes.ExpressionNotSupported, 422, "表达式不受支持", "Expression not supported"),
        new(ErrorCodes.ExpressionFailed, 422, "表达式出错", "Expression failed"),
        new(ErrorCodes.ActivityFaulted, 422, "活动出错", "Activity faulted"),
        new(ErrorCodes.StepBudget, 422, "流程步数超限", "Step budget exceeded"),
        new(ErrorCodes.IdempotencyKeyReused, 422, "幂等键已用于其他请求", "Idempotency key reused"),
        new(ErrorCodes.PreconditionRequired, 428, "缺少版本条件", "Precondition required"),
        new(ErrorCodes.TooManySignals, 429, "信号过多", "Too many signals"),
        new(ErrorCodes.RateLimited, 429, "请求过于频繁", "Too many requests"),
        new(Internal, 500, "系统内部错误", "Internal error"),
        new(ErrorCodes.Busy, 503, "系统繁忙", "Busy"),
        new(ErrorCodes.Paused, 503, "暂停受理", "Intake paused"),
        new(ErrorCodes.Unavailable, 503, "服务暂不可用", "Unavailable"),
        new(Stopping, 503, "服务正在停止", "Stopping"),
    }.ToFrozenDictionary(kind => kind.Code, StringComparer.Ordinal);

    /// <summary>A code that isn't listed is a bug and answered as one.</summary>
    public static ProblemKind Of(string code) => All.GetValueOrDefault(code) ?? All[Internal];
}

/// <summary>How one code is answered.</summary>
public sealed record ProblemKind(string Code, int Status, string TitleZh, string TitleEn)
{
    /// <summary>The stable <c>type</c> of RFC 9457.</summary>
    public string Type => $"urn:talent-workflows:problem:{Code}";
}
