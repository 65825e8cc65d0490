using System.Text.Json;

namespace Talent.Workflows.Approvals.Tests.People.Profiles;

/// <summary>The steps of a complete profile, by the shipped form. Nobody's numbers.</summary>
internal static class Profile
{
    public const string EmergencyPhone = "19900009911";
    public const string ReferencePhone = "19900009922";
    public const string Certificate = "1019942009000123";
    public const string Address = "示范区样板路八号";

    public static readonly string[] Steps = ["general", "education", "study", "work", "photo"];

    /// <summary>What must not stand anywhere in clear.</summary>
    public static readonly string[] Personal = [EmergencyPhone, ReferencePhone, Certificate, Address];

    public static JsonElement Of(string step) => JsonDocument.Parse(step switch
    {
        "general" => $$"""
            {"gender":"female","ethnicity":"01","maritalStatus":"20","politicalStatus":"01","householdAddress":"北京市海淀区","residence":"{{Address}}","emergencyContact":"李样本","emergencyPhone":"{{EmergencyPhone}}"}
            """,
        "education" => $$"""{"highestEducation":"10","highestDegree":"1","degreeCertificate":"{{Certificate}}","hasTitle":false}""",
        "study" => """{"studyExperience":[{"startMonth":"2004-09","endMonth":"2008-07","school":"示例城市学院","major":"思想政治教育","level":"30"}]}""",
        "work" => $$"""
            {"hasWorked":true,"workExperience":[{"fromMonth":"2012-07","employer":"示例市城市运行集团有限公司","position":"主管","referencePhone":"{{ReferencePhone}}"}]}
            """,
        "photo" => """{"photo":"photo-1"}""",
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "No such step."),
    }).RootElement;
}
