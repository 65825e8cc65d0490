using Talent.Workflows.Approvals.Messages.Channels;

namespace Talent.Workflows.Approvals.Integrations.Sms;

/// <summary>What the gateway's result codes mean for a message. A new code is one line here.</summary>
public static class GatewayCodes
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public static DeliveryResult Result(string code, string message, string? bizId, TimeSpan? after)
    {
        string reason = message.Length == 0 ? code : $"{code}: {message}";
        return code switch
        {
            "OK" => new DeliveryResult.Sent(bizId),

            // The message or its recipient: the same request will always be refused.
            "isv.MOBILE_NUMBER_ILLEGAL" or "isv.MOBILE_COUNT_OVER_LIMIT" or "isv.BLACK_KEY_CONTROL_LIMIT" or "isv.BLACKLIST"
                or "isv.INVALID_PARAMETERS" or "isv.INVALID_JSON_PARAM" or "isv.PARAM_LENGTH_LIMIT" or "isv.PARAM_NOT_SUPPORT_URL"
                or "isv.TEMPLATE_MISSING_PARAMETERS" or "isv.TEMPLATE_PARAMS_ILLEGAL" or "isv.SMS_CONTENT_ILLEGAL"
                or "isv.SMS_TEMPLATE_ILLEGAL" or "isv.SMS_SIGNATURE_ILLEGAL" or "isv.SMS_SIGN_ILLEGAL" => new DeliveryResult.Dead(reason),

            // The account: an operator has to act, and then the message can go.
            "isv.OUT_OF_SERVICE" or "isv.AMOUNT_NOT_ENOUGH" or "isv.ACCOUNT_NOT_EXISTS" or "isv.ACCOUNT_ABNORMAL"
                or "isv.DAY_LIMIT_CONTROL" or "isv.MONTH_LIMIT_CONTROL" => new DeliveryResult.Retry(reason, after ?? Hour),

            // Too many to one number within a minute or an hour.
            "isv.BUSINESS_LIMIT_CONTROL" => new DeliveryResult.Retry(reason, after ?? TimeSpan.FromMinutes(1)),

            // Other refusals of the business kind are for good; faults of system, signature or throttling pass.
            _ when code.StartsWith("isv.", StringComparison.Ordinal) => new DeliveryResult.Dead(reason),
            _ => new DeliveryResult.Retry(reason, after),
        };
    }
}
