using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Polygate.Cluster.Tests.Contract;

/// <summary>An answer: the code and the JSON, null where it is something else.</summary>
internal sealed record Answer(int Code, JsonNode? Json, string Text)
{
    public string Reason => (string?)Json?["reason"] ?? "";

    public string Message => (string?)Json?["message"] ?? "";

    public JsonObject Metadata => Json!["metadata"]!.AsObject();

    public string ResourceVersion => (string)Metadata["resourceVersion"]!;

    public JsonObject Object => Json!.AsObject();

    /// <summary>The answer where it is as expected.</summary>
    public Answer Expect(int code)
    {
        Assert.True(Code == code, $"expected {code}, was {Code}: {Text}");
        return this;
    }
}

/// <summary>The API over plain HTTP, as the documentation writes it.</summary>
internal sealed class ApiClient : IDisposable
{
    public const string MergePatch = "application/merge-patch+json";
    public const string JsonPatch = "application/json-patch+json";
    public const string StrategicMergePatch = "application/strategic-merge-patch+json";
    public const string Apply = "application/apply-patch+yaml";

    private readonly HttpClient http;

    public ApiClient(HttpClient http)
    {
        this.http = http;
    }

    public Task<Answer> GetAsync(string path, string accept = "application/json") => SendAsync(HttpMethod.Get, path, null, "application/json", accept);

    public Task<Answer> PostAsync(string path, JsonNode body) => SendAsync(HttpMethod.Post, path, body);

    public Task<Answer> PutAsync(string path, JsonNode body) => SendAsync(HttpMethod.Put, path, body);

    public Task<Answer> PatchAsync(string path, string type, JsonNode body) => SendAsync(HttpMethod.Patch, path, body, type);

    public Task<Answer> DeleteAsync(string path, JsonNode? body = null) => SendAsync(HttpMethod.Delete, path, body);

    /// <summary>Starts a watch; its events come as they are asked for.</summary>
    public async Task<WatchReader> WatchAsync(string path)
    {
        var answer = await http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode}");
        return new WatchReader(answer, await answer.Content.ReadAsStreamAsync());
    }

    public void Dispose() => http.Dispose();

    private async Task<Answer> SendAsync(HttpMethod method, string path, JsonNode? body, string type = "application/json", string accept = "application/json")
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString()));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        }

        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var answer = await http.SendAsync(request, deadline.Token);
        var text = await answer.Content.ReadAsStringAsync(deadline.Token);
        var isJson = answer.Content.Headers.ContentType?.MediaType == "application/json" && text.Length > 0;
        return new Answer((int)answer.StatusCode, isJson ? JsonNode.Parse(text) : null, text);
    }
}
