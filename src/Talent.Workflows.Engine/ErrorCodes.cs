namespace Talent.Workflows.Engine;

/// <summary>Every code that a <see cref="WorkflowException"/> can carry. A code never changes its meaning.</summary>
public static class ErrorCodes
{
    public const string InvalidRequest = "invalid_request";
    public const string InvalidDefinition = "invalid_definition";
    public const string InvalidForm = "invalid_form";
    public const string NotFound = "not_found";
    public const string Unauthorized = "unauthorized";
    public const string Forbidden = "forbidden";
    public const string UnknownUser = "unknown_user";
    public const string KeyExpired = "key_expired";
    public const string TaskClosed = "task_closed";
    public const string BookmarkGone = "bookmark_gone";
    public const string NotExpected = "not_expected";
    public const string TooManySignals = "too_many_signals";
    public const string Conflict = "conflict";
    public const string Busy = "busy";
    public const string Paused = "intake_paused";
    public const string PreconditionFailed = "precondition_failed";
    public const string PreconditionRequired = "precondition_required";
    public const string IdempotencyKeyReused = "idempotency_key_reused";
    public const string IdempotencyKeyRequired = "idempotency_key_required";
    public const string IdempotencyInFlight = "idempotency_in_flight";
    public const string NotPublished = "not_published";
    public const string WrongState = "wrong_state";
    public const string FilingRefused = "filing_refused";
    public const string FormChanged = "form_changed";
    public const string TooLarge = "too_large";
    public const string UnsupportedMediaType = "unsupported_media_type";
    public const string RateLimited = "rate_limited";
    public const string Unavailable = "unavailable";

    public const string UnknownActivity = "unknown_activity";
    public const string ExpressionNotSupported = "expression_not_supported";
    public const string ExpressionFailed = "expression_failed";
    public const string InvalidInput = "invalid_input";
    public const string ActivityFaulted = "activity_faulted";
    public const string StepBudget = "step_budget";
}
