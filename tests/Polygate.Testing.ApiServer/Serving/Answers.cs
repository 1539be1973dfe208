using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Polygate.Testing.ApiServer.Store;
using Polygate.Testing.ApiServer.Types;

namespace Polygate.Testing.ApiServer.Serving;

/// <summary>Writing answers.</summary>
internal static class Answers
{
    public static async Task JsonAsync(HttpContext context, int code, JsonNode content, string contentType = "application/json")
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(content);
        context.Response.StatusCode = code;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    public static async Task RefuseAsync(HttpContext context, ApiException refusal)
    {
        await JsonAsync(context, refusal.Code, refusal.ToStatus());
    }

    public static async Task TextAsync(HttpContext context, int code, string text)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(text, context.RequestAborted);
    }

    public static async Task ObjectAsync(HttpContext context, int code, ResourceType type, string version, StoredObject stored)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(Whole(type, version, stored), context.RequestAborted);
    }

    /// <summary>The object's JSON with <c>apiVersion</c> and <c>kind</c>.</summary>
    public static byte[] Whole(ResourceType type, string version, StoredObject stored)
    {
        var head = Encoding.UTF8.GetBytes($"{{\"kind\":\"{type.Kind}\",\"apiVersion\":\"{type.ApiVersion(version)}\",");
        return [.. head, .. stored.Body.Span[1..]];
    }

    /// <summary>The item's JSON in a list: those of built-in types carry no <c>apiVersion</c> and <c>kind</c>.</summary>
    public static ReadOnlyMemory<byte> Item(ResourceType type, string version, StoredObject stored) =>
        type.IsCustom ? Whole(type, version, stored) : stored.Body;

    public static string Revision(long revision) => revision.ToString(CultureInfo.InvariantCulture);
}
