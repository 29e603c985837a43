using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Json;
using KernelGen.Models;

namespace KernelGen.Training;

/// <summary>
/// Trained models as safetensors with the names of Hugging Face's Llama and its <c>config.json</c> as metadata, which <c>kernelgen eval</c>
/// reads.
/// </summary>
internal static class Checkpoint
{
    /// <summary>Metadata entry with the run that made the model.</summary>
    public const string RunKey = "kernelgen.training.run";

    /// <summary>
    /// Writes linear layers as they are held, and everything else as it is; a model without learned scales or held inputs is then read with
    /// the same loss.
    /// </summary>
    /// <param name="path">Path of the file; an existing one is replaced when the new one is complete.</param>
    /// <param name="spec">The run.</param>
    /// <param name="session">The model.</param>
    /// <param name="cancel">Cancels between tensors.</param>
    public static void Write(string path, TrainingSpec spec, TrainingSession session, CancellationToken cancel)
    {
        var scales = new Parameterisation(spec);
        IEnumerable<SafetensorsEntry> entries = session
            .Layout.Tensors.Where(tensor => tensor.Kind != ParameterKind.Learned)
            .Select(tensor => new SafetensorsEntry(
                tensor.Name,
                SafetensorsDtype.F32,
                tensor.Kind == ParameterKind.Norm ? [tensor.Columns] : [tensor.Rows, tensor.Columns],
                stream => stream.Write(MemoryMarshal.AsBytes(Values(tensor, session, scales).Span))
            ));
        var metadata = new Dictionary<string, string>
        {
            [LlamaConfig.MetadataKey] = Config(spec, session.Data.Vocabulary),
            [RunKey] = spec.Key,
        };
        SafetensorsWriter.Write(path, entries, metadata, overwrite: true, cancel);
    }

    /// <summary>
    /// A tensor as Llama has it: what a parameterisation multiplies queries and logits by goes into the weights before them.
    /// </summary>
    private static ReadOnlyMemory<float> Values(ParameterTensor tensor, TrainingSession session, Parameterisation scales)
    {
        ReadOnlyMemory<float> own = (tensor.Kind == ParameterKind.Linear ? session.Held : session.Parameters).AsMemory(tensor.Range);
        float factor =
            tensor == session.Layout.Norm ? scales.LogitScale
            : session.Layout.Layers.Any(layer => layer.Query == tensor) ? scales.QueryFactor
            : 1;
        if (factor == 1)
        {
            return own;
        }
        var scaled = new float[own.Length];
        TensorPrimitives.Multiply(own.Span, factor, scaled);
        return scaled;
    }

    private static string Config(TrainingSpec spec, int vocabulary) =>
        JsonSerializer.Serialize(
            new Dictionary<string, object>
            {
                ["model_type"] = "llama",
                ["hidden_act"] = "silu",
                ["hidden_size"] = spec.Width,
                ["intermediate_size"] = spec.Hidden,
                ["num_hidden_layers"] = spec.Layers,
                ["num_attention_heads"] = spec.Heads,
                ["num_key_value_heads"] = spec.Heads,
                ["vocab_size"] = vocabulary,
                ["rms_norm_eps"] = (double)(decimal)RmsNorm.Epsilon,
                ["rope_theta"] = Rotary.Theta,
                ["tie_word_embeddings"] = spec.TiedEmbeddings,
                ["max_position_embeddings"] = spec.Context,
            }
        );
}
