using System.Text.Json;

namespace Polygate.Dialects.Kong.Plugins;

/// <summary>The bodies of Kong's own answers.</summary>
internal static class KongAnswers
{
    public const string JsonType = "application/json; charset=utf-8";

    /// <summary><c>{"message":"…"}</c>.</summary>
    public static string Message(string message) => $"{{\"message\":\"{JsonEncodedText.Encode(message, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"}}";

    /// <summary>The message that goes with a status where none is configured.</summary>
    public static string DefaultMessage(int status) => status switch
    {
        400 => "Bad request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not found",
        405 => "Method not allowed",
        413 => "Payload too large",
        429 => "Too many requests",
        500 => "An unexpected error occurred",
        502 => "An invalid response was received from the upstream server",
        503 => "Service unavailable",
        504 => "The upstream server is timing out",
        _ => "An unexpected error occurred",
    };
}
