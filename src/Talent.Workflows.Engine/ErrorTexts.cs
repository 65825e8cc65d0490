namespace Talent.Workflows.Engine;

/// <summary>What people read when whoever threw gave the cause in English alone: what to do, by the code.</summary>
internal static class ErrorTexts
{
    public static string Zh(string code) => code switch
    {
        ErrorCodes.InvalidRequest => "请求内容不正确，请检查后重新提交。",
        ErrorCodes.InvalidDefinition => "流程定义不正确，请修改后重试。",
        ErrorCodes.InvalidForm => "表单填写有误，请修改后重新提交。",
        ErrorCodes.NotFound => "未找到所请求的内容，请核对编号。",
        ErrorCodes.Unauthorized => "未通过身份验证，请使用有效的密钥。",
        ErrorCodes.Forbidden => "没有权限执行此操作，请联系管理员。",
        ErrorCodes.UnknownUser => "经办人不存在或已停用，请核对。",
        ErrorCodes.KeyExpired => "密钥已过期，请更换密钥。",
        ErrorCodes.TaskClosed => "该任务已办结，请刷新任务列表。",
        ErrorCodes.BookmarkGone => "流程已不再等待此操作，请刷新后查看最新进度。",
        ErrorCodes.NotExpected => "流程当前不接收此事件，请核对流程进度。",
        ErrorCodes.TooManySignals => "该流程收到的事件过多，请稍后再试或联系管理员。",
        ErrorCodes.Conflict => "与已有数据冲突，请刷新后重试。",
        ErrorCodes.Busy => "系统繁忙，请稍后重试。",
        ErrorCodes.Paused => "系统暂停受理，请稍后重试。",
        ErrorCodes.PreconditionFailed => "数据已被他人修改，请刷新后重试。",
        ErrorCodes.PreconditionRequired => "请求未注明所依据的版本，请补充后重试。",
        ErrorCodes.IdempotencyKeyReused => "该幂等键已用于其他请求，请更换。",
        ErrorCodes.IdempotencyKeyRequired => "请求缺少幂等键，请补充后重试。",
        ErrorCodes.IdempotencyInFlight => "相同的请求正在处理，请稍后重试。",
        ErrorCodes.NotPublished => "该流程尚未发布，请先发布。",
        ErrorCodes.WrongState => "当前状态下不能执行此操作，请刷新后查看。",
        ErrorCodes.FormChanged => "申报表单已更新，请按最新表单核对后重新保存。",
        ErrorCodes.FilingRefused => "暂不能申报，请查看各项原因。",
        ErrorCodes.TooLarge => "提交的内容过大，请缩减后重试。",
        ErrorCodes.RateLimited => "请求过于频繁，请稍后重试。",
        ErrorCodes.Unavailable => "服务暂时不可用，请稍后重试。",
        ErrorCodes.UnknownActivity => "流程中没有此活动或其类型不存在，请修改流程定义。",
        ErrorCodes.ExpressionNotSupported => "本系统不支持此类表达式，请改写。",
        ErrorCodes.ExpressionFailed => "表达式执行失败，请检查流程定义。",
        ErrorCodes.InvalidInput => "活动的输入不正确，请检查流程定义。",
        ErrorCodes.UnsupportedMediaType => "不支持的内容类型。",
        ErrorCodes.ActivityFaulted => "环节处理失败，请联系管理员。",
        ErrorCodes.StepBudget => "流程一次执行的环节过多，请检查是否有不等待的循环。",
        _ => $"操作未能完成，请联系管理员（错误代码：{code}）。",
    };
}
