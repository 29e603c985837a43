namespace KernelGen.Models;

/// <summary>Mistral without a sliding window, which llama.cpp computes as a Llama.</summary>
internal sealed class MistralArchitecture : DecoderArchitecture
{
    public override string ModelType => "mistral";

    public override string Name => "llama";

    public override string ClassName => "MistralForCausalLM";

    public override bool TurnsNeighbours => true;
}
